/** A disk in memory that loses its power: what was not synced by then is gone, or there, or its name alone is, as real ones have it. */
import { dirname } from "node:path";
import type { Disk } from "../../disk.ts";

interface File {
  /** What a power cut leaves, and what a reader sees now. */
  kept: Uint8Array<ArrayBuffer>;
  now: Uint8Array<ArrayBuffer>;
}

/** What becomes of writes and renames that nobody synced. */
export const fates = ["lost", "kept", "names-kept-contents-lost"] as const;
export type Fate = (typeof fates)[number];

export interface FragileDisk extends Disk {
  /** The power fails before the n-th change from now on. */
  cutAfter(changes: number): void;
  readonly isCut: boolean;
  /** The power is back. */
  restart(fate: Fate): void;
}

export function fragileDisk(): FragileDisk {
  let names = new Map<string, File>();
  let keptNames = new Map<string, File>();
  const opened = new Map<number, File>();
  let nextFile = 1;
  let left = Number.POSITIVE_INFINITY;

  const power = () => {
    if (left < 0) throw new Error("the power is cut");
  };
  const change = () => {
    left -= 1;
    power();
  };
  const fileOf = (file: number): File => {
    power();
    const found = opened.get(file);
    if (!found) throw new Error("no such file is open");
    return found;
  };
  const resized = (octets: Uint8Array, size: number) => {
    const next = new Uint8Array(size);
    next.set(octets.subarray(0, size));
    return next;
  };

  return {
    makeFolder: power,
    open(path, how) {
      power();
      let file = names.get(path);
      if (how === "read" && !file) throw new Error(`${path} is missing`);
      if (how === "new" || !file) {
        change();
        file ??= { kept: new Uint8Array(), now: new Uint8Array() };
        file.now = new Uint8Array();
        names.set(path, file);
      }
      opened.set(nextFile, file);
      return nextFile++;
    },
    read(file, into, at) {
      const octets = fileOf(file).now.subarray(at, at + into.length);
      into.set(octets);
      return octets.length;
    },
    write(file, octets, at) {
      change();
      const found = fileOf(file);
      if (found.now.length < at + octets.length) found.now = resized(found.now, at + octets.length);
      found.now.set(octets, at);
    },
    resize(file, size) {
      change();
      const found = fileOf(file);
      found.now = resized(found.now, size);
    },
    sync(file) {
      change();
      const found = fileOf(file);
      found.kept = found.now.slice();
    },
    close: (file) => void opened.delete(file),
    rename(from, to) {
      change();
      const file = names.get(from);
      if (!file) throw new Error(`${from} is missing`);
      names.delete(from);
      names.set(to, file);
    },
    syncFolder(path) {
      change();
      const inside = (name: string) => dirname(name) === path;
      for (const name of [...keptNames.keys()].filter(inside)) keptNames.delete(name);
      for (const [name, file] of names) if (inside(name)) keptNames.set(name, file);
    },
    readAll(path) {
      power();
      return names.get(path)?.now.slice();
    },
    cutAfter(changes) {
      left = changes;
    },
    get isCut() {
      return left < 0;
    },
    restart(fate) {
      left = Number.POSITIVE_INFINITY;
      opened.clear();
      if (fate === "lost") names = new Map(keptNames);
      for (const file of new Set(names.values())) {
        if (fate === "kept") file.kept = file.now.slice();
        else file.now = file.kept.slice();
      }
      keptNames = new Map(names);
    },
  };
}
