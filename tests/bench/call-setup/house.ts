/** A whole platform for the benchmark, started as `npm start` does; then its edge gives way to one with the bare push beside it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoDevices } from "../../../media-nodes/supervisor/demo.ts";
import { makePart } from "../../../media-nodes/supervisor/part.ts";
import { end, type Platform, start } from "../../../media-nodes/supervisor/platform.ts";
import { enrolled } from "../../support/enrolled.ts";
import { portVariables } from "../../support/platform.ts";
import { takePorts } from "../../support/ports.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const [door = ""] = demoDevices;

export interface House extends Pick<Platform, "settings" | "secrets"> {
  /** The station that presses; it has its certificate. */
  door: string;
  /** Ends workerd with every object in it, and starts it anew on what they stored. */
  restartEdge(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds what changed and starts every part. */
export async function startHouse(environment: Record<string, string> = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "bench-call-setup-"));
  const free = await takePorts(portVariables.length);
  const ports = Object.fromEntries(portVariables.map((name, index) => [name, String(free[index])]));
  const binDir = process.env.SYMPHONY_BIN_DIR ?? join(root, ".data", "bin");
  const { PATH = "" } = process.env;
  const given = { PATH, ...ports, ...environment, DATA_DIR: folder, SYMPHONY_BIN_DIR: binDir };
  const platform = await start(root, given, console.error, new AbortController().signal);
  const own = platform.parts.find(({ spec }) => spec.name === "edge");
  if (!own) throw new Error("the platform has no edge");
  const startEdge = async () => {
    const part = makePart({
      spec: { ...own.spec, script: "tests/bench/call-setup/edge.ts" },
      root,
      log: own.log,
      baseEnvironment: { PATH },
      say: console.error,
      changed: () => undefined,
    });
    await part.start();
    return part;
  };
  await own.stop();
  let edge = await startEdge();
  const { SIP_PORT, DEVICE_HTTPS_PORT, MQTT_PORT, LOG_PORT } = platform.settings;
  const station = {
    DATA_DIR: folder,
    PUBLIC_HOST: "localhost",
    SIP_PORT: String(SIP_PORT),
    DEVICE_HTTPS_PORT: String(DEVICE_HTTPS_PORT),
    MQTT_PORT: String(MQTT_PORT),
    LOG_PORT: String(LOG_PORT),
  };
  await enrolled(station, door);
  return {
    settings: platform.settings,
    secrets: platform.secrets,
    door,
    async restartEdge() {
      await edge.stop();
      edge = await startEdge();
    },
    async stop() {
      await edge.stop();
      await end(platform, () => undefined);
      if (process.env.KEEP_DATA === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
