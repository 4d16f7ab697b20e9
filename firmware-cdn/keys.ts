/**
 * The keys of TUF's roles: one file each, made when it is first needed, that its owner alone may read. The root's and the targets' are
 * better kept away from any server; the timestamp's is online, so that the edge can sign with it every day.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SigningKey, signingKey, type TufRole } from "#core/firmware/signing.ts";

export type RoleKeys = Record<TufRole, SigningKey> & {
  /** The root's keys before this one, newest first: a new root is signed by the old key too. */
  former: SigningKey[];
};

const offline = ["root", "targets", "snapshot"] as const;
export type OfflineRole = (typeof offline)[number];

const fileOf = (folder: string, role: OfflineRole) => join(folder, `${role}.key`);

function seedIn(path: string): string {
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  return readFileSync(path, "utf8").trim();
}

/** @param folder where the files lie; @param online the timestamp's seed */
export async function openKeys(folder: string, online: string): Promise<RoleKeys> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [root, targets, snapshot] = await Promise.all([
    signingKey(seedIn(fileOf(folder, "root"))),
    signingKey(seedIn(fileOf(folder, "targets"))),
    signingKey(seedIn(fileOf(folder, "snapshot"))),
  ]);
  const former: SigningKey[] = [];
  for (let n = 1; existsSync(`${fileOf(folder, "root")}.${n}`); n++)
    former.unshift(await signingKey(seedIn(`${fileOf(folder, "root")}.${n}`)));
  return { root, targets, snapshot, timestamp: await signingKey(online), former };
}

/** Puts a key aside, so that a new one is made. A root's stays: it signs the way to the new one. */
export function retireKey(folder: string, role: OfflineRole): void {
  const path = fileOf(folder, role);
  let n = 1;
  while (existsSync(`${path}.${n}`)) n++;
  if (existsSync(path)) renameSync(path, `${path}.${n}`);
}

export const isOfflineRole = (text: string): text is OfflineRole => offline.some((role) => role === text);
