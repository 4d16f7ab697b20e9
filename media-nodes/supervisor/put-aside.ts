/** Keeps logs from filling the disk: a part writes a line for each that it refuses, and anybody can be refused without end. */
import { copyFileSync, existsSync, statSync, truncateSync } from "node:fs";

/** Octets of a log, beside those of the one put aside. */
const largestLog = 20 * 1024 * 1024;

/**
 * A log larger than this becomes `<log>.1`, in the place of the one before, and begins anew. The part goes on with the file that it has
 * open for appending; a line that it writes in this very moment may be lost.
 */
export function putAside(log: string, most = largestLog): void {
  if (!existsSync(log) || statSync(log).size <= most) return;
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
}
