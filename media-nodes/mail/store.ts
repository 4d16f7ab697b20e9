/** Mails as files, newest last: `<moment>-<id>.json` in one folder. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Mail, mail } from "./mail.ts";

const stored = mail.extend({ id: z.string(), at: z.number().int() });
export type StoredMail = z.infer<typeof stored>;

export interface MailStore {
  add(mail: Mail, now?: number): StoredMail;
  /** Newest first, at most 200. */
  list(): StoredMail[];
}

export function openMailStore(folder: string): MailStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    add: (one, now = Date.now()) => {
      const kept: StoredMail = { ...one, id: randomUUID(), at: now };
      const path = join(folder, `${now}-${kept.id}.json`);
      writeFileSync(`${path}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      return kept;
    },
    list: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .sort()
        .reverse()
        .slice(0, 200)
        .map((name) => stored.parse(JSON.parse(readFileSync(join(folder, name), "utf8")))),
  };
}
