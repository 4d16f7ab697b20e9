/**
 * The firmware side of the played cloud: one release, signed as the platform signs, delivered over a bad line. The first answer with
 * octets of the image breaks off in the middle, and the second has a wrong bit.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { modelNamed } from "#core/device/models.ts";
import type { HardwareRevision } from "#core/device/revision.ts";
import { metadataName } from "#core/firmware/addresses.ts";
import { octetsFor } from "#core/firmware/octets.ts";
import type { Release } from "#core/firmware/release.ts";
import { openKeys } from "../../../firmware-cdn/keys.ts";
import { cut } from "../../../firmware-cdn/packets.ts";
import { publish, renew } from "../../../firmware-cdn/publish.ts";
import { type ObjectStore, type Stored, TakenError } from "../../../firmware-cdn/store/store.ts";
import type { PlayedBroker } from "./broker.ts";
import { outcomeOf } from "./commands.ts";
import { reportIn } from "./configuration.ts";
import type { Steps } from "./steps.ts";

export interface FirmwareOptions {
  /** The file, as it is written into a slot. It is installed, and has to run. */
  image: string;
  model: string;
  revision: HardwareRevision;
  /** Its number, higher than what runs. */
  release: number;
}

/** A bucket in memory. */
function memoryStore(): ObjectStore & { octetsOf(name: string): Uint8Array | undefined } {
  const objects = new Map<string, Stored>();
  const put = (name: string, octets: Uint8Array<ArrayBuffer>) =>
    void objects.set(name, { octets, etag: `"${randomBytes(8).toString("hex")}"` });
  return {
    octetsOf: (name) => objects.get(name)?.octets,
    read: async (name) => objects.get(name),
    async create(name, octets) {
      if (objects.has(name)) throw new TakenError(name);
      put(name, octets);
    },
    async replace(name, octets, etag) {
      if (objects.get(name)?.etag !== etag) throw new TakenError(name);
      put(name, octets);
    },
    sizeOf: async (name) => objects.get(name)?.octets.length,
    async upload(name, _size, parts, onPart) {
      const all: Uint8Array[] = [];
      for await (const part of parts) all.push(part);
      const whole = new Uint8Array(Buffer.concat(all));
      put(name, whole);
      onPart(whole.length);
    },
  };
}

/** A range of the image as it was answered. */
interface Sent {
  offset: number;
  length: number;
}

export interface PlayedFirmware {
  /** Answers for `/firmware/<name>`. */
  answer(name: string, request: IncomingMessage, response: ServerResponse): void;
  /** Signs the release, and offers it from now on. */
  offer(): Promise<{ size: number; packetSize: number }>;
  /** Ranges of the image that were answered, in their order. */
  readonly sent: readonly Sent[];
}

/** Where the root lies that the device is to have from its factory. */
export const rootIn = (folder: string): string => join(folder, "firmware-root.json");

/** Signs that there is no release yet. @param folder where its keys are kept, and its root is written; @param now when it signs */
export async function playFirmware(
  folder: string,
  { image, model, revision, release: number }: FirmwareOptions,
  now = Date.now(),
): Promise<PlayedFirmware> {
  const store = memoryStore();
  const keys = await openKeys(join(folder, "firmware"), randomBytes(32).toString("base64url"));
  await renew({ store, keys, now });
  writeFileSync(rootIn(folder), store.octetsOf(metadataName.root(1)) ?? "");
  const sent: Sent[] = [];

  /** The line is bad for the first two. */
  function sendImage(response: ServerResponse, octets: Buffer): void {
    if (sent.length === 1) {
      response.write(octets.subarray(0, octets.length >> 1), () => response.destroy());
      return;
    }
    if (sent.length === 2) {
      const damaged = Buffer.from(octets);
      damaged[0] = (damaged[0] ?? 0) ^ 1;
      response.end(damaged);
      return;
    }
    response.end(octets);
  }

  return {
    sent,
    async offer() {
      const about: Omit<Release, "size"> = {
        model,
        revision,
        class: modelNamed(model)?.family ?? "MX",
        number,
        securityFloor: 0,
      };
      const manifest = await cut(image, about);
      await publish({ store, keys, now }, image, manifest, () => undefined);
      return { size: manifest.release.size, packetSize: manifest.packetSize };
    },
    answer(name, request, response) {
      const found = store.octetsOf(name);
      if (!found) return void response.writeHead(404).end();
      const hash = /\b[0-9a-f]{64}\b/.exec(name)?.[0] ?? name;
      const stored = { name, etag: `"${hash}"`, size: found.length };
      const octets = octetsFor(
        stored,
        request.method ?? "GET",
        (header) => request.headers[header]?.toString() ?? null,
      );
      if (octets.status === 412 || octets.status === 416) return void response.writeHead(octets.status).end();
      response.writeHead(octets.status, octets.headers);
      if (octets.status === 304 || request.method === "HEAD") return void response.end();
      const { offset, length } = octets;
      const part = Buffer.from(found.buffer, found.byteOffset + offset, length);
      if (!name.startsWith("images/")) return void response.end(part);
      sent.push({ offset, length });
      sendImage(response, part);
    },
  };
}

export async function judgeFirmware(
  { played, patience }: Omit<Steps, "ask">,
  broker: PlayedBroker,
  firmware: PlayedFirmware,
  number: number,
): Promise<void> {
  const { seen, judge } = played;
  const { size, packetSize } = await firmware.offer();
  const from = seen.count;
  const asked = await outcomeOf(played, broker.command({ do: "update-firmware" }), from, patience.device);
  judge.judge(
    "firmware",
    asked === "done",
    "It begins an update when it is told to.",
    `It answers "${asked ?? "nothing"}" to update-firmware.`,
  );
  /** What it says of the update. */
  const says = async (phase: string, within: number) =>
    (await seen.next(
      "said",
      within,
      ({ message }) => message.kind === "progress" && message.body.release === number && message.body.phase === phase,
      from,
    )) !== undefined;
  const installed = await says("installed", 10 * patience.device);
  if (
    !judge.judge(
      "firmware",
      installed,
      "It installs the release over a line that breaks and damages.",
      "It does not say that it has installed the release: the line broke off once, and damaged one packet.",
    )
  )
    return;
  const { sent } = firmware;
  judge.judge(
    "firmware",
    sent.every(({ length }) => length <= packetSize),
    "It fetches packets.",
    "It fetches more than a packet at once: a damaged bit costs it all of that.",
  );
  judge.judge(
    "firmware",
    sent.some(({ offset }) => offset % packetSize !== 0),
    "It goes on inside the packet where the connection broke.",
    "It fetches a packet from its beginning where the connection broke in the middle.",
  );
  const [broken, damaged] = sent;
  const whole = sent.reduce((sum, { length }) => sum + length, 0) - size;
  const fair = (broken?.length ?? 0) + (damaged?.length ?? 0);
  judge.judge(
    "firmware",
    whole <= fair,
    "It asks again only for what is missing or damaged.",
    `It asks for ${whole - fair} octets more than were missing or damaged.`,
  );
  const report = reportIn(
    await seen.next(
      "said",
      10 * patience.device,
      ({ message }) => message.kind === "reported" && message.body.release?.number === number,
      from,
    ),
  );
  judge.judge(
    "firmware",
    report !== undefined,
    "It starts the release and reports that it runs.",
    "It does not report that the release runs.",
  );
  judge.judge(
    "firmware",
    await says("healthy", patience.device),
    "It says that the release is healthy.",
    "It does not say that the release is healthy.",
  );
}
