/** The parts of the revocation list: what is revoked in one, its newest list, and which are due. Platform tables. */
import { and, asc, eq, gt, inArray, isNotNull, lt, max, or, sql } from "drizzle-orm";
import type { Revoked } from "#core/certificate/revocation-list.ts";
import type { Db } from "../client.ts";
import { certificate, revocationList } from "../schema/identity.ts";

export interface KeptList {
  number: number;
  /** DER, base64. */
  list: string;
  signedAt: Date;
}

/** The newest list of a part, who signs it, and when something was last revoked in it. Undefined: no certificate names this part. */
export async function listOf(
  db: Db,
  part: string,
): Promise<{ kept: KeptList | null; issuerId: string; revokedAt: Date | null } | undefined> {
  const [[known], [kept]] = await db.batch([
    db
      .select({ issuerId: certificate.issuerId, revokedAt: max(certificate.revokedAt) })
      .from(certificate)
      .where(eq(certificate.crlPart, part))
      .groupBy(certificate.issuerId),
    db
      .select({ number: revocationList.number, list: revocationList.list, signedAt: revocationList.signedAt })
      .from(revocationList)
      .where(eq(revocationList.part, part)),
  ]);
  return known && { kept: kept ?? null, ...known };
}

/** What was revoked in a part and had not ended at that moment (milliseconds). */
export async function revokedIn(db: Db, part: string, endedBefore: number): Promise<Revoked[]> {
  const rows = await db
    .select({ serial: certificate.serial, at: certificate.revokedAt, reason: certificate.reason })
    .from(certificate)
    .where(
      and(
        eq(certificate.crlPart, part),
        isNotNull(certificate.revokedAt),
        gt(certificate.expiresAt, new Date(endedBefore)),
      ),
    )
    .orderBy(asc(certificate.revokedAt));
  return rows.map(({ serial, at, reason }) => ({
    serial,
    at: at?.getTime() ?? 0,
    reason: reason ?? "unspecified",
  }));
}

/** Keeps a list, unless another of its number was faster. */
export async function keepList(db: Db, part: string, made: KeptList): Promise<void> {
  await db
    .insert(revocationList)
    .values({ part, ...made })
    .onConflictDoUpdate({
      target: revocationList.part,
      set: made,
      setWhere: sql`${revocationList.number} < ${made.number}`,
    });
}

/** Parts of these authorities whose list was signed before that moment (milliseconds), and those with no list that certificates name. */
export async function partsSignedBefore(
  db: Db,
  issuers: readonly string[],
  before: number,
): Promise<{ part: string; signedAt: Date | null }[]> {
  return db
    .selectDistinct({ part: certificate.crlPart, signedAt: revocationList.signedAt })
    .from(certificate)
    .leftJoin(revocationList, eq(revocationList.part, certificate.crlPart))
    .where(
      and(
        inArray(certificate.issuerId, [...issuers]),
        or(sql`${revocationList.part} is null`, lt(revocationList.signedAt, new Date(before))),
      ),
    )
    .orderBy(asc(certificate.crlPart))
    .limit(1_000);
}
