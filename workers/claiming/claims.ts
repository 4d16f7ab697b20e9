/** Claims as the portal makes and watches them: POST /api/claims, GET /api/claims/{claimId}. */
import type { z } from "zod";
import { accepted, advance, onlineTime } from "#core/device/claim.ts";
import { suitability } from "#core/device/models.ts";
import { type ClaimId, type ClaimRequest, claimProgress } from "#core/messages/claiming.ts";
import { connectDb, type OrganisationDb } from "#db/client.ts";
import { claimById, newestClaim, openClaim, type StoredClaim, saveClaim } from "#db/queries/claims.ts";
import { identityNamed, type StoredIdentity } from "#db/queries/identities.ts";
import type { Identity } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { tryCode } from "./code-attempts.ts";
import { codeHmac } from "./code-hmac.ts";
import { settle } from "./progress.ts";

/** Why a device with this code can't be claimed. Only who has the right code hears any of it. */
function refusal(device: StoredIdentity, db: OrganisationDb, now: number): Response | undefined {
  if (device.holderId === db.organisationId)
    return problem(409, "claimed-already", "This device is in your organisation already.");
  if (device.holderId)
    return problem(
      409,
      "claimed-elsewhere",
      "This device belongs to another organisation, which has to release it first.",
    );
  const suits = suitability(device);
  if (!suits.suits)
    return suits.reason === "unknown-model"
      ? problem(422, "unknown-model", `A ${device.model} can't be used with the cloud.`)
      : problem(
          422,
          "revision-too-old",
          `This ${device.model} is revision ${device.revision}; it takes ${suits.atLeast} or newer.`,
        );
  if (!device.lastSeenAt || now - device.lastSeenAt.getTime() > onlineTime)
    return problem(
      409,
      "device-offline",
      "The code is right, but the device is not online. Plug it in and wait a moment.",
    );
  return undefined;
}

export async function answerClaim(
  env: Env,
  request: Request,
  asked: ClaimRequest,
  identity: Identity,
  db: OrganisationDb,
  now: number,
): Promise<Response> {
  const { userId, name: who } = identity;
  const device = await tryCode({ env, request, person: userId, of: "claim", now }, async () =>
    identityNamed(connectDb(env), { codeHmac: await codeHmac(env, asked.code) }),
  );
  if (device instanceof Response) return device;
  if (!device) return problem(404, "wrong-code", "No device has this code. Look at the code on the device again.");
  const why = refusal(device, db, now);
  if (why) return why;
  const before = await newestClaim(db, device.id);
  if (before?.state === "waiting") await saveClaim(db, before, advance(before, { type: "time-passed", at: now }));
  const { name = device.model, siteId } = asked;
  const opened = await openClaim(db, { deviceId: device.id, userId, who, name, siteId, stands: accepted(now) });
  if (!opened) throw new Error("the claim was not kept");
  await settle(env, device.id, now);
  const claim = (await claimById(db, opened.id)) ?? opened;
  return Response.json(shown(claim, device), { status: 201 });
}

export async function answerClaimProgress(env: Env, db: OrganisationDb, id: ClaimId, now: number): Promise<Response> {
  const stored = await claimById(db, id);
  if (!stored) return problem(404, "no-such-claim", "There is no such claim.");
  const claim: StoredClaim = { ...stored, ...advance(stored, { type: "time-passed", at: now }) };
  if (claim.state !== stored.state) await saveClaim(db, stored, claim);
  return Response.json(shown(claim, await identityNamed(connectDb(env), { id: claim.deviceId })));
}

function shown(claim: StoredClaim, device: StoredIdentity | undefined): z.output<typeof claimProgress> {
  const { id, deviceId, name, state, reason, expiresAt } = claim;
  const happened = [
    ["accepted", claim.acceptedAt],
    ["present", claim.presentAt],
    ["enrolled", claim.enrolledAt],
    ["configured", claim.configuredAt],
    ["registered", claim.registeredAt],
    ["ready", claim.readyAt],
    ["failed", claim.failedAt],
  ] as const;
  return claimProgress.parse({
    claimId: id,
    deviceId,
    name,
    // A device that was released since goes by another id.
    model: device?.model ?? name,
    serial: device?.serial ?? "released",
    state,
    ...(reason ? { reason } : {}),
    steps: happened.flatMap(([step, at]) => (at === null ? [] : [{ step, at }])),
    expiresAt,
  });
}
