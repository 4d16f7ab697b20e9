/** Handing a device on to another organisation: offered by mail or by a code, and taken, refused or withdrawn. */
import type { z } from "zod";
import { type ClaimCode, codeFrom, printed } from "#core/device/claim-code.ts";
import { modelNamed } from "#core/device/models.ts";
import type {
  offeredDevice,
  takenDevice,
  takingBody,
  transferBody,
  transferOffered,
  transferState,
} from "#core/messages/transfers.ts";
import type { DeviceId, OrganisationId } from "#core/messages/values.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import * as stored from "#db/queries/device-transfers.ts";
import { heldDevice } from "#db/queries/held-devices.ts";
import { mailLater, transferMail } from "../auth/mail.ts";
import type { Identity } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { tooOften } from "../http/too-often.ts";
import { tryCode } from "./code-attempts.ts";
import { codeHmac } from "./code-hmac.ts";
import { tellLeft } from "./revoke.ts";

/** Mails cost their readers' patience: an organisation makes so many offers an hour. */
const offers = { window: 60 * 60, max: 60 };
const tooManyOffers = ["too-many-offers", "Too many offers. Please wait a while."] as const;

/** Whoever looks at the device sees that it is offered, or no more. */
const showOffer = (env: Env, deviceId: DeviceId, holder: OrganisationId) =>
  env.SWITCHBOARD.getByName(holder).devicesChanged([{ deviceId, door: false }]);

const unknown = () => problem(404, "no-such-device", "There is no such device.");
const gone = () => problem(404, "no-such-transfer", "This offer holds no more. Ask for a new one.");

/** POST /api/devices/{deviceId}/transfer. 404 for no such device, and for one that no factory made; 429. */
export async function answerOffering(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  device: DeviceId,
  asked: z.output<typeof transferBody>,
  now: number,
): Promise<z.input<typeof transferOffered> | Response> {
  const held = await heldDevice(db, device);
  if (!held) return unknown();
  const refused = await tooOften(connectDb(env), `offers:${db.organisationId}`, offers, now, tooManyOffers);
  if (refused) return refused;
  const email = asked.email?.toLowerCase();
  const code = codeFrom(crypto.getRandomValues(new Uint8Array(10)));
  if (!(await stored.offerDevice(db, by, { deviceId: device, email, codeHmac: await codeHmac(env, code) }, now)))
    return unknown();
  await showOffer(env, device, db.organisationId);
  const expiresAt = now + stored.transferLife;
  if (email === undefined) return { code: printed(code), expiresAt };
  const link = `${env.PUBLIC_ORIGIN}/transfer#code=${printed(code)}`;
  mailLater(env, transferMail(email, by.name, by.organisationName, held.name, link));
  return { expiresAt };
}

/** GET /api/devices/{deviceId}/transfer */
export async function answerTransferState(
  db: OrganisationDb,
  device: DeviceId,
  now: number,
): Promise<z.input<typeof transferState> | Response> {
  if (!(await heldDevice(db, device))) return unknown();
  const offer = await stored.offerOfDevice(db, device, now);
  return offer ? { offer } : {};
}

/** DELETE /api/devices/{deviceId}/transfer */
export async function answerWithdrawing(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  device: DeviceId,
  now: number,
): Promise<Response> {
  if (!(await stored.withdrawDevice(db, by, device, now))) return gone();
  await showOffer(env, device, db.organisationId);
  return new Response(null, { status: 204 });
}

interface Answering {
  env: Env;
  request: Request;
  identity: Identity;
  now: number;
}

/** What this person is offered by this code. 404 for nothing, 403 for what is another's, 409 for their own, 429. */
async function offeredTo(
  { env, request, identity: by, now }: Answering,
  code: ClaimCode,
): Promise<stored.Transfer | Response> {
  const found = await tryCode({ env, request, person: by.userId, of: "transfer", now }, async () =>
    stored.transferByCode(connectDb(env), await codeHmac(env, code), now),
  );
  if (!found) return gone();
  if (found instanceof Response) return found;
  if (found.email !== null && found.email !== by.email.toLowerCase())
    return problem(403, "other-address", "This offer went to another address. Sign in with that one.");
  if (found.from === by.organisationId)
    return problem(409, "own-device", "This device is in your organisation already.");
  return found;
}

/** POST /api/transfer */
export async function answerOffered(
  asking: Answering,
  code: ClaimCode,
): Promise<z.input<typeof offeredDevice> | Response> {
  const found = await offeredTo(asking, code);
  if (found instanceof Response) return found;
  const { name, model, serial, organisation, by } = found;
  return { name, model, serial, organisation, by };
}

/** POST /api/transfer/take. It goes on under another id, and enrols again by its factory certificate. */
export async function answerTaking(
  asking: Answering & { db: OrganisationDb },
  { code, name, siteId }: z.output<typeof takingBody>,
): Promise<z.input<typeof takenDevice> | Response> {
  const found = await offeredTo(asking, code);
  if (found instanceof Response) return found;
  const model = modelNamed(found.model);
  if (!model) return problem(422, "unknown-model", `A ${found.model} can't be used with the cloud.`);
  const { env, db, identity: by, now } = asking;
  const to = { db, organisation: by.organisationName, by, name: name ?? found.name, siteId };
  const taken = await stored.takeOffered(connectDb(env), found, to, model, now);
  if (!taken) return gone();
  await tellLeft(env, { device: found.deviceId, holder: found.from }, taken.revoked);
  return { deviceId: taken.deviceId, claimId: taken.claimId };
}

/** POST /api/transfer/refuse */
export async function answerRefusing(asking: Answering, code: ClaimCode): Promise<Response> {
  const found = await offeredTo(asking, code);
  if (found instanceof Response) return found;
  const { env, identity: by, now } = asking;
  const giver = organisationDb(connectDb(env), found.from);
  if (!(await stored.refuseDevice(giver, found, by, now))) return gone();
  await showOffer(env, found.deviceId, found.from);
  return new Response(null, { status: 204 });
}
