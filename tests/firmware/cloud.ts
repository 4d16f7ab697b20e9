/** The edge alone, and a publisher beside it: real workerd, real bucket, the real command. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pino from "pino";
import { type Edge, startEdge } from "#media-nodes/edge/edge.ts";
import type { Clock } from "#media-nodes/sip-gateway/sip/clock.ts";
import { testEdgeSettings } from "../support/edge-settings.ts";
import { temporaryFolder } from "../support/folder.ts";
import { takePorts } from "../support/ports.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What the publisher shows, and may see all by (tests/support/edge-settings.ts). */
export const publisher = { authorization: "Bearer test-firmware-token-of-32-characters" };

export interface Cloud {
  /** Where the edge is reached, without a slash at its end. */
  origin: string;
  port: number;
  dataDir: string;
  miniflare: Edge["miniflare"];
  /** `npm run firmware -- …` @returns what it printed */
  firmware(...args: string[]): Promise<string>;
  /** The root that devices leave their factory with. */
  factoryRoot(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function startCloud(clock?: Clock): Promise<Cloud> {
  const dataDir = temporaryFolder("firmware");
  const [port = 0] = await takePorts(1);
  const settings = testEdgeSettings({ port, dataDir });
  const edge = await startEdge(settings, pino({ level: "silent" }), clock);
  const origin = `http://127.0.0.1:${port}`;
  const { FIRMWARE_TOKEN = "", FIRMWARE_TIMESTAMP_KEY = "" } = settings.bindings;
  return {
    origin,
    port,
    dataDir,
    miniflare: edge.miniflare,
    async firmware(...args) {
      const env = { ...process.env, DATA_DIR: dataDir, FIRMWARE_TOKEN, FIRMWARE_TIMESTAMP_KEY, FIRMWARE_EDGE: origin };
      const { stdout } = await run(process.execPath, [join(root, "firmware-cdn/main.ts"), ...args], { env });
      return stdout;
    },
    factoryRoot: async () =>
      new Uint8Array(
        await (await fetch(`${origin}/firmware/metadata/1.root.json`, { headers: publisher })).arrayBuffer(),
      ),
    close: () => edge.close(),
  };
}

export const plate = { model: "ID8 TD", revision: "AA" } as const;
const ofPlate = ["--model", plate.model, "--revision", plate.revision];

/** Publishes a file as a release for {@link plate}. */
export const publishFile = (cloud: Cloud, image: string, release: number, ...more: string[]): Promise<string> =>
  cloud.firmware("publish", "--image", image, ...ofPlate, "--release", String(release), ...more);

/** A file of random octets that no compression helps with. */
export async function randomImage(size: number): Promise<string> {
  const path = join(temporaryFolder("image"), "image.bin");
  const file = createWriteStream(path);
  const block = randomBytes(1024 * 1024);
  for (let left = size, n = 0; left > 0; left -= block.length, n++) {
    // A number in every block: no packet is another's copy.
    block.writeUInt32BE(n);
    if (!file.write(Buffer.from(block.subarray(0, Math.min(left, block.length))))) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  return path;
}

export const contents = (path: string): Promise<Buffer> => readFile(path);
