/** A whole platform for the benchmark: every part as `npm start` runs it, the edge with the bare push beside it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deviceCertificateIn, serverCertificateIn } from "../../../media-nodes/pki/folder.ts";
import { buildAll } from "../../../media-nodes/supervisor/builds.ts";
import { demoDevices } from "../../../media-nodes/supervisor/demo.ts";
import { makePart } from "../../../media-nodes/supervisor/part.ts";
import { partsOf } from "../../../media-nodes/supervisor/parts.ts";
import { type Secrets, secretsIn } from "../../../media-nodes/supervisor/secrets.ts";
import { deriveSettings, parseVariables, type Settings } from "../../../media-nodes/supervisor/settings.ts";
import { takePorts } from "../../support/ports.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const portNames = [
  "EDGE_PORT",
  "MINIFLARE_PORT",
  "POSTGRES_PORT",
  "NEON_PORT",
  "LIVEKIT_PORT",
  "SIP_PORT",
  "GATEWAY_HEALTH_PORT",
  "MQTT_PORT",
  "MQTT_HEALTH_PORT",
  "MAIL_PORT",
  "STUN_PORT",
  "LIVEKIT_UDP_PORT",
];

export interface House {
  settings: Settings;
  secrets: Secrets;
  /** Ends workerd with every object in it, and starts it anew on what they stored. */
  restartEdge(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds what changed and starts every part. */
export async function startHouse(environment: Record<string, string> = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "bench-call-setup-"));
  const free = await takePorts(portNames.length);
  const ports = Object.fromEntries(portNames.map((name, index) => [name, String(free[index])]));
  const binDir = process.env.SYMPHONY_BIN_DIR ?? join(root, ".data", "bin");
  const given = parseVariables({ ...ports, ...environment, DATA_DIR: folder, SYMPHONY_BIN_DIR: binDir });
  const settings = deriveSettings(given, "127.0.0.1", ["127.0.0.1"]);
  const secrets = secretsIn(folder, {});
  await buildAll(root, settings, console.error);
  await serverCertificateIn(join(folder, "pki"), settings.certificateNames);
  for (const device of demoDevices) await deviceCertificateIn(join(folder, "pki"), device);
  mkdirSync(join(folder, "logs"));

  const makeParts = () =>
    partsOf(settings, secrets).map((spec) =>
      makePart({
        spec: spec.name === "edge" ? { ...spec, script: "tests/bench/call-setup/edge.ts" } : spec,
        root,
        log: join(folder, "logs", `${spec.name}.log`),
        baseEnvironment: { PATH: process.env.PATH ?? "" },
        say: console.error,
        changed: () => undefined,
      }),
    );
  let parts = makeParts();
  for (const stage of [0, 1, 2])
    await Promise.all(parts.filter(({ spec }) => spec.stage === stage).map((part) => part.start()));

  return {
    settings,
    secrets,
    async restartEdge() {
      const before = parts.find(({ spec }) => spec.name === "edge");
      const after = makeParts().find(({ spec }) => spec.name === "edge");
      if (!before || !after) return;
      await before.stop();
      parts = parts.map((part) => (part === before ? after : part));
      await after.start();
    },
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
      if (process.env.KEEP_DATA === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
