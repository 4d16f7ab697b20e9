/**
 * Who shows a certificate. The media node's TLS front has seen that they hold its key, and hands it on as `Client-Cert`
 * (RFC 9440) under its own token; whose it is, is found out here.
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { allMakers, type StoredMaker } from "#db/queries/identities.ts";
import type { Env } from "../env.ts";
import { isMediaNode } from "../http/bearer.ts";
import { authorityOf, serialOf } from "./authority.ts";

export type Presented =
  /** One of ours. Its status is still to be asked. */
  | { kind: "operational"; serial: string; device: DeviceId; certificate: x509.X509Certificate }
  /** A device of this maker, good for its enrolment alone. */
  | { kind: "factory"; maker: StoredMaker; serial: string }
  /** The maker itself, delivering. */
  | { kind: "maker"; maker: StoredMaker };

/** The alternative name by which a maker's own certificate is told from its devices'. */
const makerName = "urn:symphony:maker";
const serialNumber = "2.5.4.5";
/** Octets of a certificate in base64. */
const largest = 16 * 1024;

/** Undefined: nobody we know, or not by way of our own front. */
export async function presented(env: Env, request: Request, now: number): Promise<Presented | undefined> {
  const encoded = request.headers.get("client-cert")?.match(/^:([A-Za-z0-9+/=]+):$/)?.[1];
  if (encoded === undefined || encoded.length > largest || !(await isMediaNode(env, request))) return undefined;
  const certificate = readCertificate(encoded);
  if (!certificate) return undefined;
  for (const issuer of (await authorityOf(env)).issuers) {
    if (!(await issuedBy(certificate, issuer.certificate, now))) continue;
    const device = deviceId.safeParse(certificate.subjectName.getField("CN")[0]);
    return device.success
      ? { kind: "operational", serial: serialOf(certificate), device: device.data, certificate }
      : undefined;
  }
  for (const maker of await makers(env, now)) {
    if (!(await issuedBy(certificate, new x509.X509Certificate(maker.certificate), now))) continue;
    const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
    if (names.some(({ type, value }) => type === "url" && value === makerName)) return { kind: "maker", maker };
    const [serial] = certificate.subjectName.getField(serialNumber);
    return serial ? { kind: "factory", maker, serial } : undefined;
  }
  return undefined;
}

function readCertificate(encoded: string): x509.X509Certificate | undefined {
  try {
    return new x509.X509Certificate(encoded);
  } catch {
    return undefined;
  }
}

/** An authority's certificate for an end entity: its name, its signature, and within its time. */
async function issuedBy(
  certificate: x509.X509Certificate,
  authority: x509.X509Certificate,
  now: number,
): Promise<boolean> {
  if (certificate.issuer !== authority.subject) return false;
  if (certificate.getExtension(x509.BasicConstraintsExtension)?.ca) return false;
  return certificate.verify({ publicKey: authority.publicKey, date: new Date(now) });
}

/** A new maker is known after this time at the latest. Milliseconds. */
const makersKept = 10_000;
let kept: { until: number; makers: Promise<StoredMaker[]> } | undefined;

function makers(env: Env, now: number): Promise<StoredMaker[]> {
  if (!kept || now >= kept.until) kept = { until: now + makersKept, makers: allMakers(connectDb(env)) };
  const asked = kept;
  asked.makers.catch(() => {
    if (kept === asked) kept = undefined;
  });
  return asked.makers;
}
