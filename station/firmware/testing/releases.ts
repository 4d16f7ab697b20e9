/** Releases signed by the real publisher into a bucket in memory, and a server of it that can be told to misbehave. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Manifest, manifest } from "#core/firmware/manifest.ts";
import { askedRange, placeOf } from "#core/firmware/range.ts";
import { type Release, release } from "#core/firmware/release.ts";
import { openKeys, type RoleKeys, retireKey } from "../../../firmware-cdn/keys.ts";
import { publish, renew } from "../../../firmware-cdn/publish.ts";
import { type ObjectStore, TakenError } from "../../../firmware-cdn/store/store.ts";

const packetSize = 16 * 1024;
export const plate = release.parse({
  model: "ID8 TD",
  revision: "AA",
  class: "MX",
  number: 1,
  securityFloor: 0,
  size: 40_000,
});

const etagOf = (octets: Uint8Array) => createHash("sha256").update(octets).digest("hex");

function memoryStore(objects: Map<string, Uint8Array<ArrayBuffer>>): ObjectStore {
  return {
    async read(name) {
      const octets = objects.get(name);
      return octets && { octets, etag: etagOf(octets) };
    },
    async create(name, octets) {
      if (objects.has(name)) throw new TakenError(name);
      objects.set(name, octets);
    },
    async replace(name, octets, etag) {
      const before = objects.get(name);
      if (!before || etagOf(before) !== etag) throw new TakenError(name);
      objects.set(name, octets);
    },
    sizeOf: async (name) => objects.get(name)?.length,
    async upload(name, _size, parts, onPart) {
      const whole: Uint8Array[] = [];
      for await (const part of parts) whole.push(part);
      objects.set(name, new Uint8Array(Buffer.concat(whole)));
      onPart(objects.get(name)?.length ?? 0);
    },
  };
}

const sha = (octets: Uint8Array) => createHash("sha256").update(octets).digest("hex");

export function manifestOf(image: Uint8Array, about: Partial<Release>): Manifest {
  const packets = [];
  for (let at = 0; at < image.length; at += packetSize) packets.push(sha(image.subarray(at, at + packetSize)));
  const of = { ...plate, ...about, size: image.length };
  return manifest.parse({ format: 1, release: of, image: sha(image), packetSize, packets });
}

/** Answers instead of the bucket, or changes what it answers with. Returns true where it has answered. */
export type Mischief = (path: string, response: ServerResponse, octets: Uint8Array | undefined) => boolean;

export interface Releases {
  objects: Map<string, Uint8Array<ArrayBuffer>>;
  factoryRoot: Uint8Array;
  origin: string;
  /** The paths that were asked for. */
  asked: string[];
  mischief: Mischief;
  publish(image: Uint8Array, about: Partial<Release>, now?: number): Promise<void>;
  rotate(role: "root" | "targets" | "snapshot"): Promise<void>;
  close(): void;
}

export async function serveReleases(): Promise<Releases> {
  const folder = mkdtempSync(join(tmpdir(), "releases-"));
  const online = randomBytes(32).toString("base64url");
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  const store = memoryStore(objects);
  const keys = (): Promise<RoleKeys> => openKeys(folder, online);
  await renew({ store, keys: await keys(), now: Date.now() });

  const server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;

  const releases: Releases = {
    objects,
    factoryRoot: objects.get("metadata/1.root.json") ?? new Uint8Array(),
    origin: `http://127.0.0.1:${port}`,
    asked: [],
    mischief: () => false,
    async publish(image, about, now = Date.now()) {
      const path = join(folder, "image");
      writeFileSync(path, image);
      await publish({ store, keys: await keys(), now }, path, manifestOf(image, about), () => undefined);
    },
    async rotate(role) {
      retireKey(folder, role);
      await renew({ store, keys: await keys(), now: Date.now() });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").slice(1);
    releases.asked.push(path);
    const octets = objects.get(path);
    if (releases.mischief(path, response, octets)) return;
    if (!octets) return void response.writeHead(404).end();
    const etag = `"${/[0-9a-f]{64}/.exec(path)?.[0]}"`;
    const asked = askedRange(request.headers.range ?? null, String(request.headers["if-range"]), etag);
    const place = asked.part ? placeOf(asked.range, octets.length) : undefined;
    if (!place) return void response.writeHead(asked.part ? 416 : 200).end(asked.part ? "" : octets);
    const until = place.offset + place.length;
    response.writeHead(206, { "content-range": `bytes ${place.offset}-${until - 1}/${octets.length}` });
    response.end(octets.subarray(place.offset, until));
  }
  return releases;
}
