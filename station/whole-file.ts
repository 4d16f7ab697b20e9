/** Files that are there whole or not at all, whatever moment the power fails at. */
import { dirname } from "node:path";
import { type Disk, nodeDisk } from "./disk.ts";

/** Writes beside the file, flushes, puts it in place, and flushes the folder, so that the name itself is on the disk. */
export function writeWhole(path: string, contents: string | Uint8Array, disk: Disk = nodeDisk): void {
  const beside = `${path}.new`;
  const file = disk.open(beside, "new");
  try {
    disk.write(file, typeof contents === "string" ? Buffer.from(contents) : contents, 0);
    disk.sync(file);
  } finally {
    disk.close(file);
  }
  disk.rename(beside, path);
  disk.syncFolder(dirname(path));
}
