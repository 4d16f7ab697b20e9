/** What the station asks of its disk: few words, so that a test can stand in for a disk that loses its power between any two. */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";

export interface Disk {
  makeFolder(path: string): void;
  /** `new`: empty; `update`: made where it is missing, else as it is; `read`: throws where it is missing. */
  open(path: string, how: "read" | "new" | "update"): number;
  /** @returns how many octets there were, 0 at the end */
  read(file: number, into: Uint8Array, at: number): number;
  write(file: number, octets: Uint8Array, at: number): void;
  resize(file: number, size: number): void;
  /** Only after this what was written outlasts a power cut. */
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  /** The same for the names in a folder. */
  syncFolder(path: string): void;
  /** Undefined where it is missing. */
  readAll(path: string): Uint8Array<ArrayBuffer> | undefined;
}

const isMissing = (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT";

function openToUpdate(path: string): number {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if (isMissing(error)) return openSync(path, "w+", 0o600);
    throw error;
  }
}

export const nodeDisk: Disk = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  open(path, how) {
    if (how === "update") return openToUpdate(path);
    return openSync(path, how === "read" ? "r" : "w", 0o600);
  },
  read: (file, into, at) => readSync(file, into, 0, into.length, at),
  write(file, octets, at) {
    for (let done = 0; done < octets.length; ) done += writeSync(file, octets, done, octets.length - done, at + done);
  },
  resize: ftruncateSync,
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  syncFolder(path) {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  readAll(path) {
    try {
      return new Uint8Array(readFileSync(path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
};
