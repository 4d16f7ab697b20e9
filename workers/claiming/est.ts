/**
 * Enrolment over Secure Transport (RFC 7030) for devices: `/.well-known/est/*`. A factory certificate enrols, an operational
 * one renews; neither does the other's work. Names are ours to give, and what the request says of them is not taken.
 */
import type * as x509 from "@peculiar/x509";
import { presenceTime } from "#core/device/claim.ts";
import { connectDb } from "#db/client.ts";
import { admitCertificates } from "#db/queries/certificates.ts";
import { identityNamed, noteSeen } from "#db/queries/identities.ts";
import type { Env } from "../env.ts";
import { mediaType, readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { authorityOf } from "./authority.ts";
import { largestRequest, readCertification, sameNames } from "./certification-request.ts";
import { certify, type Holding } from "./certify.ts";
import { certsOnlyAnswer } from "./certs-only.ts";
import { type Presented, presented } from "./presented.ts";
import { progress } from "./progress.ts";
import { tellRevoked } from "./revoke.ts";

/** How soon an unclaimed device asks again: at once nearly, where somebody stands at it and types its code. Seconds. */
const askAgain = { alone: 5, pressed: 1 };

/** GET cacerts: whom a device is to trust from now on: who certifies devices, and did before if that counts still, their root, and who certifies our servers, with NewWithOld and OldWithNew where that one is new (§4.1.3). */
export async function answerCaCerts(env: Env): Promise<Response> {
  const { issuers, root, servers } = await authorityOf(env);
  return certsOnlyAnswer([...issuers.map(({ certificate }) => certificate), root, ...servers]);
}

const nobody = () => problem(401, "no-certificate", "Show a certificate that we know, over TLS.");
const revoked = () => problem(403, "device-revoked", "This device was revoked by its owner.");
const notGood = () => problem(403, "certificate-not-good", "This certificate is not good any more.");

/** POST simpleenroll: the first certificate, and the next one for a device that let its own expire (§4.2.1). */
export async function answerEnrol(env: Env, request: Request, now: number): Promise<Response> {
  const who = await presented(env, request, now);
  if (!who) return nobody();
  if (who.kind !== "factory")
    return problem(
      403,
      "not-a-factory-certificate",
      "Enrolling takes the factory certificate. To renew, use simplereenroll.",
    );
  const db = connectDb(env);
  const identity = await identityNamed(db, { makerId: who.maker.id, serial: who.serial });
  if (!identity) return problem(403, "unknown-device", "Its maker has not told us of this device.");
  if (identity.blockedAt) return revoked();
  const asked = await certification(request);
  if (asked instanceof Response) return asked;
  if (!identity.holderId) {
    await noteSeen(db, identity.id, now);
    const isPressed = identity.pressedAt !== null && now < identity.pressedAt.getTime() + presenceTime;
    const seconds = isPressed ? askAgain.pressed : askAgain.alone;
    return problem(202, "unclaimed", "This device was not claimed yet.", { "retry-after": String(seconds) });
  }
  const holding = { device: identity.id, holder: identity.holderId };
  const certificate = await certify(env, holding, asked.publicKey, "factory", now);
  if (!certificate) return revoked();
  await progress(env, holding.holder, holding.device, "enrolled", now);
  return certsOnlyAnswer([certificate]);
}

/** POST simplereenroll: the next certificate, for the same names (§4.2.2). */
export async function answerReEnrol(env: Env, request: Request, now: number): Promise<Response> {
  const who = await presented(env, request, now);
  if (!who) return nobody();
  if (who.kind !== "operational")
    return problem(403, "not-an-operational-certificate", "Renewing takes the certificate that is to be renewed.");
  const holding = await holdingOf(env, who, now);
  if (!holding) return notGood();
  const asked = await certification(request);
  if (asked instanceof Response) return asked;
  if (!sameNames(asked, who.certificate))
    return problem(400, "changed-subject", "Renewing keeps subject and alternative names as they are.");
  const certificate = await certify(env, holding, asked.publicKey, "factory", now);
  return certificate ? certsOnlyAnswer([certificate]) : notGood();
}

/** Whose the device is that shows this certificate, if the certificate is good. Its first use ends older ones. */
export async function holdingOf(
  env: Env,
  { serial, device }: Extract<Presented, { kind: "operational" }>,
  now: number,
): Promise<Holding | undefined> {
  const db = connectDb(env);
  const [{ statuses, died }, identity] = await Promise.all([
    admitCertificates(db, [serial], now),
    identityNamed(db, { id: device }),
  ]);
  if (statuses[0]?.status !== "good" || !identity?.holderId || identity.blockedAt) return undefined;
  const holding = { device, holder: identity.holderId };
  await tellRevoked(
    env,
    holding,
    died.map((one) => one.serial),
  );
  return holding;
}

async function certification(request: Request): Promise<x509.Pkcs10CertificateRequest | Response> {
  if (mediaType(request) !== "application/pkcs10")
    return problem(415, "not-pkcs10", "A certification request is sent as application/pkcs10.");
  const body = await readAtMost(request, largestRequest);
  if (!body) return problem(413, "too-large", "A certification request is smaller than that.");
  const read = await readCertification(body);
  return read.ok ? read.request : problem(400, read.code, read.detail);
}
