/** Invitations, shares and offers that are over: they give nothing any more, and go, with the addresses they hold. */
import { lte, sql } from "drizzle-orm";
import { type OrganisationId, organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { endedInvitation, share } from "../schema/people.ts";
import { deviceTransfer, ownershipOffer } from "../schema/transfer.ts";
import { time } from "./changing.ts";
import { remember } from "./invitations.ts";

/** The organisations that have any at that moment (milliseconds). */
export async function withEndedAccess(db: Db, now: number): Promise<OrganisationId[]> {
  const { rows } = await db.execute(sql`select organisations_with_ended_access(${new Date(now).toISOString()}) as id`);
  return rows.map(({ id }) => organisationId.parse(id));
}

export async function deleteEndedAccess(db: OrganisationDb, now: number): Promise<void> {
  await db.batch([
    db.delete(endedInvitation).where(lte(endedInvitation.goesAt, new Date(now))),
    db.execute(sql`
      with over as (
        delete from invitation where expires_at <= ${time(now)} returning token_hash, organisation_id
      ),
      ${remember(sql`over`, "expired", now)}
      select from over`),
    db.delete(share).where(lte(share.endsAt, new Date(now))),
    db.delete(ownershipOffer).where(lte(ownershipOffer.expiresAt, new Date(now))),
    db.delete(deviceTransfer).where(lte(deviceTransfer.expiresAt, new Date(now))),
  ]);
}
