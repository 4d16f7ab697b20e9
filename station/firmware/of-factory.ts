/** What a station's factory put on its disk for its firmware: the first image, and the root that releases are trusted by. */
import { join } from "node:path";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
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
import { hasLeftFactory, installFirst } from "./slots.ts";
import { download } from "./trust.ts";

export type OfFactory = Pick<FirmwareOptions, "disk" | "folder" | "plate" | "factoryRoot" | "source" | "now">;

/** Octets of a root, at most. */
const largestRoot = 64 * 1024;

/** @param home the station's folder. Undefined: it never saw a factory, and has no slots. */
export function ofFactory(home: string, { cloud, identity, now }: Enrolling): OfFactory | undefined {
  const { label } = identity;
  const revision = hardwareRevision.safeParse(label?.revision).data;
  const family = label && modelNamed(label.model)?.family;
  if (!label || !revision || !family) return undefined;
  const disk = nodeDisk;
  const folder = join(home, "firmware");
  const plate = { model: label.model, revision };
  if (!hasLeftFactory(disk, folder)) {
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
    now,
    /**
     * A maker's factory knows the root. The one that made this station may be older than the first release: then the first root
     * that the cloud shows over its authenticated connection is the one, for good.
     */
    async factoryRoot(from) {
      const path = join(folder, "factory-root.json");
      const kept = disk.readAll(path);
      if (kept) return kept;
      try {
        const root = new Uint8Array(await download(from, `${from.content}/${metadataName.root(1)}`, largestRoot));
        writeWhole(path, root, disk);
        return root;
      } catch (error) {
        if (error instanceof DownloadHTTPError && error.statusCode === 404) return undefined;
        throw error;
      }
    },
  };
}
