/** What a media node asks about certificates, under its token: after every handshake, and every few seconds what was revoked. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { z } from "zod";
import { type CertificateStatus, type revocations, statusKept } from "#core/messages/claiming.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { admitCertificate, revokedSince } from "#db/queries/certificates.ts";
import { heldDevice } from "#db/queries/claims.ts";
import { holderOf, identityNamed } from "#db/queries/identities.ts";
import type { Env } from "../env.ts";
import { isMediaNode } from "../http/bearer.ts";
import { readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { largestRequest, readCertification } from "./certification-request.ts";
import { certify } from "./certify.ts";
import { tellRevoked } from "./revoke.ts";

const stranger = () => problem(401, "bad-token", "This is no media node of ours.");

/** POST /media-node/certificates/{serial} */
export async function answerStatus(
  env: Env,
  request: Request,
  serial: string,
  now: number,
): Promise<CertificateStatus | Response> {
  if (!(await isMediaNode(env, request))) return stranger();
  const db = connectDb(env);
  const { status, died } = await admitCertificate(db, serial, now);
  if (status.status !== "good" || died.length === 0) return status;
  const identity = await identityNamed(db, { id: status.deviceId });
  if (identity?.holderId) await tellRevoked(env, { device: status.deviceId, holder: identity.holderId }, died);
  return status;
}

/** GET /media-node/revocations?since=. What was being written meanwhile is told again the next time. */
export async function answerRevocations(
  env: Env,
  request: Request,
  since: number,
  now: number,
): Promise<z.input<typeof revocations> | Response> {
  if (!(await isMediaNode(env, request))) return stranger();
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
  if (!(await isMediaNode(env, request))) return stranger();
  const db = connectDb(env);
  const holder = await holderOf(db, device);
  const held = holder && (await heldDevice(organisationDb(db, holder), device));
  if (!holder || !held || !held.virtual) return problem(404, "no-such-device", "There is no such virtual station.");
  const body = await readAtMost(request, largestRequest);
  const read = body && (await readCertification(body));
  if (!read?.ok) return problem(400, "malformed", "The body is no certification request.");
  const certificate = await certify(env, { device, holder }, read.request.publicKey, now);
  return new Response(`${x509.PemConverter.encode(certificate.rawData, "CERTIFICATE")}\n`, {
    headers: { "content-type": "application/x-pem-file" },
  });
}
