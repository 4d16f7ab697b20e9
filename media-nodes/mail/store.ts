/** Mails as files, newest last: `<moment>-<id>.json` in one folder, with a mark beside those that are still to be sent. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Mail, mail } from "./mail.ts";

const stored = mail.extend({ id: z.string(), at: z.number().int() });
export type StoredMail = z.infer<typeof stored>;

export interface MailStore {
  /** @returns nothing for one that is known already */
  add(mail: Mail, now?: number): StoredMail | undefined;
  /** Newest first, at most 200. */
  list(): StoredMail[];
  /** It is to be sent, until `settled`. */
  waits(mail: StoredMail): void;
  settled(mail: StoredMail): void;
  waiting(): StoredMail[];
}

const mark = ".waiting";

export function openMailStore(folder: string): MailStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = ({ at, id }: StoredMail): string => join(folder, `${at}-${id}.json`);
  const names = () => readdirSync(folder).filter((name) => name.endsWith(".json"));
  const read = (name: string) => stored.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  return {
    add: (one, now = Date.now()) => {
      if (one.id !== undefined && names().some((name) => name.endsWith(`-${one.id}.json`))) return undefined;
      const kept: StoredMail = { ...one, id: one.id ?? randomUUID(), at: now };
      const path = fileOf(kept);
      writeFileSync(`${path}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      return kept;
    },
    list: () => names().sort().reverse().slice(0, 200).map(read),
    waits: (one) => writeFileSync(fileOf(one) + mark, ""),
    settled: (one) => rmSync(fileOf(one) + mark, { force: true }),
    waiting: () =>
      names()
        .filter((name) => existsSync(join(folder, name + mark)))
        .map(read),
  };
}
