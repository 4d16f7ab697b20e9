/** What a claim does as things happen: each step is decided by the table in core/device/claim.ts and kept. */
import { advance, type ClaimEvent, whoseIsIt } from "#core/device/claim.ts";
import { modelNamed, talks } from "#core/device/models.ts";
import type { DeviceId, OrganisationId } from "#core/messages/values.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import {
  claimById,
  claimsWaitingFor,
  claimUnderWay,
  type StoredClaim,
  saveClaim,
  takeDevice,
} from "#db/queries/claims.ts";
import { forgetPress, identityNamed } from "#db/queries/identities.ts";
import type { Env } from "../env.ts";

/** Steps that come at the same moment overtake each other: the later one is decided again. */
const tries = 3;

/** The organisation's device got further. Where no claim of it is under way, nothing happens. */
export async function progress(
  env: Env,
  holder: OrganisationId,
  device: DeviceId,
  type: Exclude<ClaimEvent["type"], "failed">,
  at: number,
): Promise<void> {
  const everybodys = connectDb(env);
  const db = organisationDb(everybodys, holder);
  for (let left = tries; left > 0; left--) {
    const before = await claimUnderWay(db, device);
    if (!before) return;
    const model = modelNamed((await identityNamed(everybodys, { id: device }))?.model ?? "");
    const after = advance(before, { type, at }, model === undefined || talks(model));
    if (after === before || (await saveClaim(db, before, after))) return;
  }
}

/** Decides whose an unclaimed device is: after a press at it, and after another code was accepted. */
export async function settle(env: Env, device: DeviceId, now: number): Promise<void> {
  const db = connectDb(env);
  const identity = await identityNamed(db, { id: device });
  if (!identity) return;
  const waiting = await claimsWaitingFor(db, device);

  const each = async (reason: "several-waiting" | "claimed-elsewhere", except?: StoredClaim["id"]) => {
    for (const { id, organisationId } of waiting) {
      if (id === except) continue;
      const own = organisationDb(db, organisationId);
      const before = await claimById(own, id);
      // Meanwhile it may have got the device, by another press or another code.
      if (before?.state !== "waiting") continue;
      await saveClaim(own, before, advance(before, { type: "failed", reason, at: now }));
    }
  };
  // Somebody was first while this code was on its way: who still waits, waits for nothing.
  if (identity.holderId) return each("claimed-elsewhere");
  const verdict = whoseIsIt(identity.pressedAt?.getTime() ?? null, waiting, now);
  if (verdict.type === "nobody") return;
  if (verdict.type === "refuse-all") {
    await forgetPress(db, device);
    return each("several-waiting");
  }
  const winner = waiting.find(({ id }) => id === verdict.to);
  const model = modelNamed(identity.model);
  if (!winner || !model) return;
  const own = organisationDb(db, winner.organisationId);
  const before = await claimById(own, winner.id);
  if (!before) return;
  const after = advance(before, { type: "present", at: now });
  if (after.state !== "present") return;
  const taken = await takeDevice(own, before, after, model);
  await each("claimed-elsewhere", taken ? winner.id : undefined);
}
