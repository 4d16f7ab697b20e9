/** What a media node asks about certificates, under its token: after every handshake, and every few seconds what was revoked. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { z } from "zod";
import { type certificateStatuses, type revocations, statusKept } from "#core/messages/claiming.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { admitCertificates, revokedSince } from "#db/queries/certificates.ts";
import { heldDevice } from "#db/queries/held-devices.ts";
import { holderOf, identityNamed } from "#db/queries/identities.ts";
import type { Env } from "../env.ts";
import { readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { largestRequest, readCertification } from "./certification-request.ts";
import { certify } from "./certify.ts";
import { tellRevoked } from "./revoke.ts";

/** POST /media-node/certificates */
export async function answerStatuses(
  env: Env,
  serials: readonly string[],
  now: number,
): Promise<z.input<typeof certificateStatuses>> {
  const db = connectDb(env);
  const { statuses, died } = await admitCertificates(db, serials, now);
  for (const [device, dead] of Map.groupBy(died, ({ deviceId }) => deviceId)) {
    const identity = await identityNamed(db, { id: device });
    const own = dead.map(({ serial }) => serial);
    if (identity?.holderId) await tellRevoked(env, { device, holder: identity.holderId }, own);
  }
  return { statuses };
}

/** GET /media-node/revocations?since=. What was being written meanwhile is told again the next time. */
export async function answerRevocations(env: Env, since: number, now: number): Promise<z.input<typeof revocations>> {
  const overlap = statusKept / 4;
  return { serials: await revokedSince(connectDb(env), since, now), next: now - overlap };
}

/** POST /media-node/virtual-stations/{deviceId}/certificate: for the virtual station that this node runs, and no other device. */
export async function answerVirtualCertificate(
  env: Env,
  request: Request,
  device: DeviceId,
  now: number,
): Promise<Response> {
  const db = connectDb(env);
  const holder = await holderOf(db, device);
  const held = holder && (await heldDevice(organisationDb(db, holder), device));
  if (!holder || !held || !held.virtual) return problem(404, "no-such-device", "There is no such virtual station.");
  const body = await readAtMost(request, largestRequest);
  const read = body && (await readCertification(body));
  if (!read?.ok) return problem(400, "malformed", "The body is no certification request.");
  const certificate = await certify(env, { device, holder }, read.request.publicKey, "media-node", now);
  if (!certificate) throw new Error("the certificate was not kept");
  return new Response(`${x509.PemConverter.encode(certificate.rawData, "CERTIFICATE")}\n`, {
    headers: { "content-type": "application/x-pem-file" },
  });
}
