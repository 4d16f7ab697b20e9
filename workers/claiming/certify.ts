/** Giving a device's key its certificate: the same key gets the same one, until it is time to renew, or its issuer counts no more. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { DeviceId, OrganisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { crlPartFor, keepCertificate, newestOfKey } from "#db/queries/certificates.ts";
import type { Env } from "../env.ts";
import { authorityOf, issue, keyHash } from "./authority.ts";

export interface Holding {
  device: DeviceId;
  holder: OrganisationId;
}

/** A certificate is renewed when two thirds of its life are over. */
const renewalOf = ({ issuedAt, expiresAt }: { issuedAt: Date; expiresAt: Date }) =>
  issuedAt.getTime() + ((expiresAt.getTime() - issuedAt.getTime()) * 2) / 3;

/** @returns nothing where the device is not held, or revoked, by the time the certificate is kept */
export async function certify(
  env: Env,
  { device, holder }: Holding,
  publicKey: x509.PublicKey,
  from: "factory" | "media-node",
  now: number,
): Promise<x509.X509Certificate | undefined> {
  const db = connectDb(env);
  const spkiHash = await keyHash(publicKey);
  const authority = await authorityOf(env);
  const known = await newestOfKey(db, device, spkiHash);
  const counts = known && !known.revokedAt && authority.issuers.some(({ id }) => id === known.issuerId);
  if (counts && now < renewalOf(known)) return new x509.X509Certificate(known.pem);
  const crlPart = await crlPartFor(db, holder, authority.issuers[0].id);
  const crl = `${env.CRL_URL}/${crlPart}.crl`;
  const issued = await issue(authority, device, publicKey, crl, now);
  const renewal = known ? known.renewal + 1 : 0;
  const made = { ...issued, deviceId: device, holderId: holder, spkiHash, renewal, crlPart };
  const pem = await keepCertificate(db, made, from);
  return pem === undefined ? undefined : new x509.X509Certificate(pem);
}
