/** What a station's factory put on its disk for its firmware: the first image, and the root that releases are trusted by. */
import { join } from "node:path";
import { modelNamed } from "#core/device/models.ts";
import { hardwareRevision } from "#core/device/revision.ts";
import { metadataName } from "#core/firmware/addresses.ts";
import { nodeDisk } from "../disk.ts";
import type { Enrolling } from "../identity/enrol.ts";
import { writeWhole } from "../whole-file.ts";
import { openClient } from "./http.ts";
import { newImage } from "./image.ts";
import type { FirmwareOptions } from "./keeper.ts";
import { connections } from "./receive.ts";
import { installFirst } from "./slots.ts";

export type OfFactory = Pick<FirmwareOptions, "disk" | "folder" | "plate" | "factoryRoot" | "source">;

/** Octets of a root, at most. */
const largestRoot = 64 * 1024;

/** @param home the station's folder. Undefined: it never saw a factory, and has no slots. */
export function ofFactory(home: string, { cloud, identity }: Enrolling): OfFactory | undefined {
  const { label } = identity;
  const revision = hardwareRevision.safeParse(label?.revision).data;
  const family = label && modelNamed(label.model)?.family;
  if (!label || !revision || !family) return undefined;
  const disk = nodeDisk;
  const folder = join(home, "firmware");
  const plate = { model: label.model, revision };
  if (!disk.readAll(join(folder, "boot.json"))) {
    const image = newImage("reference 1.0");
    installFirst(disk, folder, { ...plate, class: family, number: 1, securityFloor: 0, size: image.length }, image);
  }

  const origin = `https://${cloud.host}:${cloud.port}/firmware`;
  function source() {
    const { operational, anchors } = identity;
    const own = operational && { cert: operational.certificate, key: operational.key };
    const client = openClient({ ca: anchors, ...own }, connections);
    return { client, metadata: `${origin}/metadata`, content: origin };
  }

  return {
    disk,
    folder,
    plate,
    source,
    /**
     * A maker's factory knows the root. The one that made this station may be older than the first release: then the first root
     * that the cloud shows over its authenticated connection is the one, for good.
     */
    async factoryRoot() {
      const path = join(folder, "factory-root.json");
      const kept = disk.readAll(path);
      if (kept) return kept;
      const { client } = source();
      try {
        const answer = await client.get(`${origin}/${metadataName.root(1)}`);
        if (answer.statusCode === 404) return answer.resume() && undefined;
        if (answer.statusCode !== 200) throw new Error(`the cloud answered ${answer.statusCode}`);
        const parts: Buffer[] = [];
        for await (const part of answer) {
          parts.push(part);
          if (Buffer.concat(parts).length > largestRoot) throw new Error("the root is larger than it may be");
        }
        const root = new Uint8Array(Buffer.concat(parts));
        writeWhole(path, root, disk);
        return root;
      } finally {
        client.close();
      }
    },
  };
}
