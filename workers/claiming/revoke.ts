/** Taking a device's certificates away, and giving a device up. Open connections end by what is said to the media node. */
import { codeFrom, printed } from "#core/device/claim-code.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { allowDevice, heldDevice, releaseDevice, revokeDevice } from "#db/queries/held-devices.ts";
import type { Identity } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import type { Holding } from "./certify.ts";
import { codeHmac } from "./code-hmac.ts";

/** Says to the node where the device is connected that these are revoked. Other nodes ask for themselves. */
export async function tellRevoked(env: Env, { device, holder }: Holding, serials: readonly string[]): Promise<void> {
  if (serials.length > 0) await env.SWITCHBOARD.getByName(holder).revoked(device, [...serials]);
}

/** A device has left its holder: what came in by its certificates ends, and so does its door. */
export async function tellLeft(env: Env, holding: Holding, serials: readonly string[]): Promise<void> {
  await tellRevoked(env, holding, serials);
  await env.SWITCHBOARD.getByName(holding.holder).doorLeft(holding.device);
}

const unknown = () => problem(404, "no-such-device", "There is no such device.");

/** POST /api/devices/{deviceId}/revoke: from now on it gets in nowhere, and enrols no more, until it is allowed again or released. */
export async function answerRevoke(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  device: DeviceId,
  now: number,
): Promise<Response> {
  const dead = await revokeDevice(db, by, device, now);
  if (!dead) return unknown();
  await tellRevoked(env, { device, holder: db.organisationId }, dead);
  return new Response(null, { status: 204 });
}

/** POST /api/devices/{deviceId}/allow: a revoked device may enrol again, by its factory certificate. What was revoked stays so. */
export async function answerAllow(db: OrganisationDb, by: Identity, device: DeviceId, now: number): Promise<Response> {
  if (await allowDevice(db, by, device, now)) return new Response(null, { status: 204 });
  return (await heldDevice(db, device)) ? problem(409, "not-blocked", "This device is not blocked.") : unknown();
}

/** POST /api/devices/{deviceId}/release: it is nobody's again, under a fresh code, which is shown this once. */
export async function answerRelease(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  device: DeviceId,
  now: number,
): Promise<Response> {
  const code = codeFrom(crypto.getRandomValues(new Uint8Array(10)));
  const dead = await releaseDevice(db, by, device, await codeHmac(env, code), now);
  if (!dead) return unknown();
  await tellLeft(env, { device, holder: db.organisationId }, dead);
  return Response.json({ code: printed(code) });
}
