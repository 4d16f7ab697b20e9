/** Files that are there whole or not at all, whatever moment the power fails at. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Writes beside the file, flushes, puts it in place, and flushes the folder, so that the name itself is on the disk. */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  const beside = `${path}.new`;
  const file = openSync(beside, "w", 0o600);
  try {
    const octets = typeof contents === "string" ? Buffer.from(contents) : contents;
    for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
