/** Operational certificates: issuing, looking one up after a handshake, revoking. Platform table: whoever knows the number asks. */
import { and, asc, count, desc, eq, gte, inArray, isNull, lte, ne, notExists, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { z } from "zod";
import type { RevocationReason } from "#core/certificate/revocation-list.ts";
import type { CertificateStatus } from "#core/messages/claiming.ts";
import { type DeviceId, deviceId, type OrganisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { certificate, factoryIdentity } from "../schema/identity.ts";

/** Certificates a part of the revocation list speaks for: below 1,000 with what may be issued at the same moment. */
const partSize = 950;

export type NewCertificate = typeof certificate.$inferInsert & { deviceId: DeviceId; holderId: OrganisationId };

/** The part that the organisation's next certificate by this authority belongs to. Who signs a part, issued all that is in it. */
export async function crlPartFor(db: Db, holder: OrganisationId, issuerId: string): Promise<string> {
  const [row] = await db.select({ issued: count() }).from(certificate).where(eq(certificate.holderId, holder));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${issuerId} ${holder}`));
  const name = Array.from(new Uint8Array(digest, 0, 8), (octet) => octet.toString(16).padStart(2, "0")).join("");
  return `${name}-${Math.floor((row?.issued ?? 0) / partSize)}`;
}

/** The newest certificate of a device's key, revoked or not. */
export async function newestOfKey(db: Db, device: DeviceId, spkiHash: string) {
  const [row] = await db
    .select()
    .from(certificate)
    .where(and(eq(certificate.deviceId, device), eq(certificate.spkiHash, spkiHash)))
    .orderBy(desc(certificate.renewal))
    .limit(1);
  return row;
}

/**
 * Keeps a new certificate. Where the same key's request was first with that renewal, that one is returned instead.
 * @returns nothing where the device was revoked, released or handed on since it asked
 */
export async function keepCertificate(
  db: Db,
  made: NewCertificate,
  from: "factory" | "media-node",
): Promise<string | undefined> {
  const keep = db.insert(certificate).values(made).onConflictDoNothing();
  if (from === "media-node") await keep;
  else {
    const { id, holderId, blockedAt } = factoryIdentity;
    const stands = () =>
      db
        .select({ id })
        .from(factoryIdentity)
        .where(and(eq(id, made.deviceId), eq(holderId, made.holderId), isNull(blockedAt)));
    // Whoever takes the device away was first, or waits for this lock and then finds the certificate to revoke.
    await db.batch([
      stands().for("share"),
      keep,
      db.delete(certificate).where(and(eq(certificate.serial, made.serial), notExists(stands()))),
    ]);
  }
  const kept = await newestOfKey(db, made.deviceId, made.spkiHash);
  return kept && !kept.revokedAt ? kept.pem : undefined;
}

const statusRow = z.object({
  serial: z.string(),
  deviceId,
  expiresAt: z.date(),
  issuedAt: z.date(),
  firstUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});
type StatusRow = z.infer<typeof statusRow>;

/** A certificate that died since a newer one of its device was used. */
export interface Superseded {
  serial: string;
  deviceId: DeviceId;
}

/**
 * Whether who shows them may come in. At a certificate's first use its device's older ones die, also those that are shown
 * at the same moment.
 * @returns a status for each serial, in their order, and what died by this
 */
export async function admitCertificates(
  db: Db,
  serials: readonly string[],
  now: number,
): Promise<{ statuses: CertificateStatus[]; died: Superseded[] }> {
  const { deviceId: id, serial, expiresAt, issuedAt, firstUsedAt, revokedAt } = certificate;
  const rows = await db
    .select({ serial, deviceId: id, expiresAt, issuedAt, firstUsedAt, revokedAt })
    .from(certificate)
    .where(inArray(serial, [...serials]));
  const found = new Map(
    z
      .array(statusRow)
      .parse(rows)
      .map((row) => [row.serial, row]),
  );
  const isGood = (row: StatusRow) => row.revokedAt === null && row.expiresAt.getTime() > now;
  const died = await noteFirstUse(
    db,
    [...found.values()].filter((row) => isGood(row) && row.firstUsedAt === null),
    now,
  );
  const dead = new Set(died.map((one) => one.serial));
  const statuses = serials.map((shown): CertificateStatus => {
    const row = found.get(shown);
    if (!row) return { status: "unknown" };
    if (row.revokedAt || dead.has(shown)) return { status: "revoked" };
    return isGood(row) ? { status: "good", deviceId: row.deviceId } : { status: "expired" };
  });
  return { statuses, died };
}

/** Notes that they are used, of each device the newest alone. @returns its older ones, that died by this */
async function noteFirstUse(db: Db, rows: readonly StatusRow[], now: number): Promise<Superseded[]> {
  const newest = new Map<DeviceId, StatusRow>();
  for (const row of rows) {
    const other = newest.get(row.deviceId);
    if (!other || other.issuedAt < row.issuedAt) newest.set(row.deviceId, row);
  }
  if (newest.size === 0) return [];
  const used = [...newest.values()].map(({ serial }) => serial);
  const at = new Date(now);
  const usedNow = alias(certificate, "used_now");
  const [, older] = await db.batch([
    db
      .update(certificate)
      .set({ firstUsedAt: at })
      .where(and(inArray(certificate.serial, used), isNull(certificate.firstUsedAt))),
    db
      .update(certificate)
      .set({ revokedAt: at, reason: "superseded" })
      .from(usedNow)
      .where(
        and(
          inArray(usedNow.serial, used),
          eq(certificate.deviceId, usedNow.deviceId),
          ne(certificate.serial, usedNow.serial),
          lte(certificate.issuedAt, usedNow.issuedAt),
          isNull(certificate.revokedAt),
        ),
      )
      .returning({ serial: certificate.serial, deviceId: certificate.deviceId }),
  ]);
  return older.map((one) => ({ serial: one.serial, deviceId: deviceId.parse(one.deviceId) }));
}

/**
 * Revokes all of a device's certificates where that holds: one statement of the transaction that takes the device away.
 * Returns the serials of those that die by it.
 */
export const revoking = (db: OrganisationDb, device: DeviceId, reason: RevocationReason, now: number, where: SQL) =>
  db
    .update(certificate)
    .set({ revokedAt: new Date(now), reason })
    .where(and(eq(certificate.deviceId, device), isNull(certificate.revokedAt), where))
    .returning({ serial: certificate.serial });

/** What was revoked since that moment (milliseconds), expired ones left out. */
export async function revokedSince(db: Db, since: number, now: number): Promise<string[]> {
  const rows = await db
    .select({ serial: certificate.serial })
    .from(certificate)
    .where(
      and(gte(certificate.revokedAt, new Date(since)), sql`${certificate.expiresAt} > ${new Date(now).toISOString()}`),
    )
    .orderBy(asc(certificate.revokedAt));
  return rows.map(({ serial }) => serial);
}
