/** A whole platform of its own for a test: own data folder, own ports, started as `npm start` starts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRecord } from "../../media-nodes/supervisor/run-record.ts";
import type { Account } from "./desk.ts";
import { takePorts } from "./ports.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

export type PartName =
  | "mail"
  | "ntp"
  | "postgres"
  | "livekit"
  | "edge"
  | "front"
  | "device-front"
  | "mqtt"
  | "sip-gateway";

export interface Platform {
  origin: string;
  publicHost: string;
  dataDir: string;
  sipPort: number;
  ports: Readonly<Record<string, number>>;
  accounts: { mara: Account; jonas: Account };
  secrets: Readonly<Record<string, string>>;
  /** Kills a part with everything it started, as a fault would; the supervisor starts it again unless `stop` comes first. */
  kill(part: PartName): void;
  /** How often a part was started again. */
  restarts(part: PartName): number;
  /** What a part wrote to its log. */
  log(part: PartName): string;
  /** What the terminal shows. */
  output(): string;
  /** Kills everything at once, as a power cut does. */
  killAll(): Promise<void>;
  /** Starts it again on the same data folder and ports. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** The settings that name a port: each platform of a test has its own. */
export const portVariables = [
  "EDGE_PORT",
  "CRL_PORT",
  "MINIFLARE_PORT",
  "POSTGRES_PORT",
  "NEON_PORT",
  "LIVEKIT_PORT",
  "SIP_PORT",
  "DEVICE_HTTPS_PORT",
  "LOG_PORT",
  "GATEWAY_HEALTH_PORT",
  "MQTT_PORT",
  "MQTT_HEALTH_PORT",
  "NTP_PORT",
  "MAIL_PORT",
  "STUN_PORT",
  "LIVEKIT_UDP_PORT",
];

/** Where tests put what is built once: LiveKit's server. */
const binDir = process.env.SYMPHONY_BIN_DIR ?? join(root, ".data", "bin");

/** Starts a platform and waits until every part is well; `environment` overrides its settings. */
export async function startPlatform(environment: Record<string, string> = {}): Promise<Platform> {
  const dataDir = mkdtempSync(join(tmpdir(), "symphony-"));
  const free = await takePorts(portVariables.length);
  const ports = Object.fromEntries(portVariables.map((name, index) => [name, free[index] ?? 0]));
  const settings = {
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    DATA_DIR: dataDir,
    SYMPHONY_BIN_DIR: binDir,
    ...environment,
  };
  let output = "";
  let supervisor: ReturnType<typeof spawn>;

  const start = async () => {
    output = "";
    const child = spawn(process.execPath, ["media-nodes/supervisor/main.ts"], {
      cwd: root,
      env: { ...process.env, ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    supervisor = child;
    await new Promise<void>((resolve, reject) => {
      const hear = (text: Buffer) => {
        output += text;
        if (output.includes("Symphony Cloud runs")) resolve();
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the platform ended with ${code}:\n${output}`)));
    });
  };
  await start();

  const secrets: Record<string, string> = JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8"));
  const secret = (name: string) => secrets[name] ?? "";
  const membersOf = (part?: PartName) =>
    (readRecord(dataDir)?.parts ?? [])
      .filter(({ name }) => part === undefined || name === part)
      .flatMap(({ members }) => members);
  const killMembers = (part?: PartName) => {
    for (const { pid } of membersOf(part)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended by itself meanwhile
      }
    }
  };

  return {
    origin: readRecord(dataDir)?.origin ?? "",
    publicHost: environment.PUBLIC_HOST ?? "localhost",
    dataDir,
    sipPort: ports.SIP_PORT ?? 0,
    ports,
    accounts: {
      mara: { email: "mara.lenz@lindenhof.example", password: secret("DEMO_PASSWORD_MARA") },
      jonas: { email: "jonas.adler@lindenhof.example", password: secret("DEMO_PASSWORD_JONAS") },
    },
    secrets,
    kill: killMembers,
    restarts: (part) => readRecord(dataDir)?.parts.find(({ name }) => name === part)?.restarts ?? 0,
    log: (part) => {
      const path = join(dataDir, "logs", `${part}.log`);
      return existsSync(path) ? readFileSync(path, "utf8") : "";
    },
    output: () => output,
    killAll: async () => {
      const ended = once(supervisor, "exit");
      supervisor.kill("SIGKILL");
      await ended;
      killMembers();
    },
    startAgain: start,
    stop: async () => {
      if (supervisor.exitCode === null && supervisor.signalCode === null) {
        const ended = once(supervisor, "exit");
        supervisor.kill("SIGTERM");
        await ended;
      }
      if (process.env.KEEP_DATA === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a station process needs to know of a platform. */
export const stationSettings = ({ dataDir, publicHost, sipPort, ports }: Platform) => ({
  DATA_DIR: dataDir,
  PUBLIC_HOST: publicHost,
  SIP_PORT: String(sipPort),
  DEVICE_HTTPS_PORT: String(ports.DEVICE_HTTPS_PORT),
  MQTT_PORT: String(ports.MQTT_PORT),
  LOG_PORT: String(ports.LOG_PORT),
  NTP_PORT: String(ports.NTP_PORT),
});
