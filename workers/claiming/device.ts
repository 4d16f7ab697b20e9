/** What a device says and asks over mutual TLS beside its enrolment: somebody is here; what am I to be; that I am now. */
import type { Up } from "#core/messages/device.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { configurationOf, desiredOf, saveReports, saveSent } from "#db/queries/configuration.ts";
import { identityNamed, notePress } from "#db/queries/identities.ts";
import { withCredentials } from "../devices/camera-credentials.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import type { Holding } from "./certify.ts";
import { holdingOf } from "./est.ts";
import { presented } from "./presented.ts";
import { progress, settle } from "./progress.ts";

/** POST /device/presence, with the factory certificate: a button was pressed at a device that is nobody's yet. */
export async function answerPresence(env: Env, request: Request, now: number): Promise<Response> {
  const who = await presented(env, request, now);
  if (who?.kind !== "factory") return problem(401, "no-factory-certificate", "Show the factory certificate, over TLS.");
  const db = connectDb(env);
  const identity = await identityNamed(db, { makerId: who.maker.id, serial: who.serial });
  if (!identity) return problem(403, "unknown-device", "Its maker has not told us of this device.");
  await notePress(db, identity.id, now);
  await settle(env, identity.id, now);
  return new Response(null, { status: 204 });
}

/** Whose the device is that shows a certificate of ours that is good. */
export async function holdingBy(env: Env, request: Request, now: number): Promise<Holding | undefined> {
  const who = await presented(env, request, now);
  return who?.kind === "operational" ? holdingOf(env, who, now) : undefined;
}

export const notOurs = () => problem(401, "certificate-not-good", "Show a certificate of ours that is good, over TLS.");

/** GET /device/configuration: the desired state, for a device that MQTT does not reach. 204: it runs with it already. */
export async function answerConfiguration(env: Env, request: Request, now: number): Promise<Response> {
  const held = await holdingBy(env, request, now);
  if (!held) return notOurs();
  const db = organisationDb(connectDb(env), held.holder);
  const found = await configurationOf(db, held.device);
  if (!found) return problem(404, "no-such-device", "There is no such device.");
  const desired = desiredOf(found);
  if (!desired) return new Response(null, { status: 204 });
  await saveSent(db, [{ deviceId: held.device, ...desired }]);
  return Response.json(await withCredentials(env, held.device, desired, found.sealedCredentials));
}

/** POST /device/reported: what the device is now. The first report of its configuration is a step of its claim. */
export async function answerReported(
  env: Env,
  request: Request,
  reported: Up<"reported">,
  now: number,
): Promise<Response> {
  const held = await holdingBy(env, request, now);
  if (!held) return notOurs();
  const db = organisationDb(connectDb(env), held.holder);
  await saveReports(db, [{ deviceId: held.device, ...reported }], new Date(now));
  if (reported.version > 0) await progress(env, held.holder, held.device, "configured", now);
  return new Response(null, { status: 204 });
}
