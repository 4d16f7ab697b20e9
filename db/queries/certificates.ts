/** Operational certificates: issuing, looking one up after a handshake, revoking. Platform table: whoever knows the number asks. */
import { and, asc, count, desc, eq, gte, isNull, lte, ne, sql } from "drizzle-orm";
import { z } from "zod";
import type { RevocationReason } from "#core/certificate/revocation-list.ts";
import type { CertificateStatus } from "#core/messages/claiming.ts";
import { type DeviceId, deviceId, type OrganisationId } from "#core/messages/values.ts";
import type { Db } from "../client.ts";
import { certificate } from "../schema/identity.ts";

/** Certificates a part of the revocation list speaks for: below 1,000 with what may be issued at the same moment. */
const partSize = 950;

export type NewCertificate = typeof certificate.$inferInsert;

/** The part that the organisation's next certificate belongs to. */
export async function crlPartFor(db: Db, holder: OrganisationId): Promise<string> {
  const [row] = await db.select({ issued: count() }).from(certificate).where(eq(certificate.holderId, holder));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(holder));
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

/** Keeps a new certificate. Where the same key's request was first with that renewal, that one is returned instead. */
export async function keepCertificate(db: Db, made: NewCertificate): Promise<string> {
  await db.insert(certificate).values(made).onConflictDoNothing();
  const kept = await newestOfKey(db, deviceId.parse(made.deviceId), made.spkiHash);
  if (!kept) throw new Error("the certificate was not kept");
  return kept.pem;
}

const statusRow = z.object({
  deviceId,
  expiresAt: z.date(),
  issuedAt: z.date(),
  firstUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});

/**
 * Whether who shows it may come in. At its first use the device's older certificates die.
 * @returns the status, and the serials that died by this
 */
export async function admitCertificate(
  db: Db,
  serial: string,
  now: number,
): Promise<{ status: CertificateStatus; died: string[] }> {
  const [found] = await db
    .select({
      deviceId: certificate.deviceId,
      expiresAt: certificate.expiresAt,
      issuedAt: certificate.issuedAt,
      firstUsedAt: certificate.firstUsedAt,
      revokedAt: certificate.revokedAt,
    })
    .from(certificate)
    .where(eq(certificate.serial, serial));
  if (!found) return { status: { status: "unknown" }, died: [] };
  const row = statusRow.parse(found);
  if (row.revokedAt) return { status: { status: "revoked" }, died: [] };
  if (row.expiresAt.getTime() <= now) return { status: { status: "expired" }, died: [] };
  const good: CertificateStatus = { status: "good", deviceId: row.deviceId };
  if (row.firstUsedAt) return { status: good, died: [] };
  const at = new Date(now);
  const [, older] = await db.batch([
    db
      .update(certificate)
      .set({ firstUsedAt: at })
      .where(and(eq(certificate.serial, serial), isNull(certificate.firstUsedAt))),
    db
      .update(certificate)
      .set({ revokedAt: at, reason: "superseded" })
      .where(
        and(
          eq(certificate.deviceId, row.deviceId),
          ne(certificate.serial, serial),
          lte(certificate.issuedAt, row.issuedAt),
          isNull(certificate.revokedAt),
        ),
      )
      .returning({ serial: certificate.serial }),
  ]);
  return { status: good, died: older.map((one) => one.serial) };
}

/** Revokes all of a device's certificates. Returns those that died by this. */
export async function revokeCertificates(
  db: Db,
  device: DeviceId,
  reason: RevocationReason,
  now: number,
): Promise<string[]> {
  const rows = await db
    .update(certificate)
    .set({ revokedAt: new Date(now), reason })
    .where(and(eq(certificate.deviceId, device), isNull(certificate.revokedAt)))
    .returning({ serial: certificate.serial });
  return rows.map(({ serial }) => serial);
}

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
