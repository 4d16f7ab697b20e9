/** The issuing authority: makes operational certificates (RFC 5280), ECDSA P-256, for devices' own keys. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { type Issuer, issuersToday } from "#core/certificate/issuers.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { hex, sha256 } from "../hex.ts";

x509.cryptoProvider.set(crypto);

export const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const minute = 60_000;
const day = 24 * 60 * minute;
/** 90 days, less up to nine: a fleet that was claimed on one day does not renew on one. */
const life = { longest: 90 * day, jitter: 9 * day };

export interface Authority {
  root: x509.X509Certificate;
  /** Whose devices' certificates count; the first issues them. */
  issuers: readonly [Issuer, ...Issuer[]];
  /** Of our servers' certificates, and what leads there from those before it and back (RFC 4210 §4.4). */
  servers: x509.X509Certificate[];
  key: CryptoKey;
}

/** Read once an isolate: it does not change while it runs. */
let known: { by: string; authority: Promise<Authority> } | undefined;

export function authorityOf(env: Env): Promise<Authority> {
  const by = env.ISSUING_CERTIFICATE + env.ROOT_LIST;
  if (known?.by !== by) known = { by, authority: read(env) };
  return known.authority;
}

async function read(env: Env): Promise<Authority> {
  const kept = { certificates: env.ISSUING_CERTIFICATE, keys: env.ISSUING_KEY, rootList: env.ROOT_LIST };
  const issuers = issuersToday(kept, Date.now());
  const pkcs8 = x509.PemConverter.decodeFirst(issuers[0].key);
  return {
    root: new x509.X509Certificate(env.ROOT_CERTIFICATE),
    issuers,
    servers: x509.PemConverter.decode(env.SERVER_AUTHORITY).map((one) => new x509.X509Certificate(one)),
    key: await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
  };
}

/** SHA-256 of a SubjectPublicKeyInfo, hexadecimal: what tells keys apart. */
export const keyHash = (key: x509.PublicKey): Promise<string> => sha256(key.rawData);

/** Serial numbers as we write them: hexadecimal, lower case, without leading zeros. */
export const serialOf = (certificate: x509.X509Certificate): string =>
  certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, "");

export const urnOf = (device: DeviceId): string => `urn:uuid:${device}`;

export interface Issued {
  serial: string;
  issuerId: string;
  pem: string;
  issuedAt: Date;
  expiresAt: Date;
}

/**
 * An operational certificate: the device's id is its subject and, as a URI, its alternative name, whatever was asked for.
 * @param crl the address of its part of the revocation list
 */
export async function issue(
  { issuers: [issuer], key }: Authority,
  device: DeviceId,
  publicKey: x509.PublicKey,
  crl: string,
  now: number,
): Promise<Issued> {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40; // positive, and never shorter (RFC 5280 §4.1.2.2)
  const lasts = life.longest - Math.floor(Math.random() * life.jitter);
  const { id: issuerId, certificate: issuing } = issuer;
  const issuedAt = new Date(now);
  const expiresAt = new Date(Math.floor(Math.min(now + lasts, issuing.notAfter.getTime()) / 1000) * 1000);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: hex(octets),
    subject: [{ CN: [device] }],
    issuer: issuing.subjectName,
    notBefore: new Date(now - 5 * minute), // clocks differ
    notAfter: expiresAt,
    publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: urnOf(device) }]),
      new x509.CRLDistributionPointsExtension([crl]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuing),
    ],
  });
  return { serial: serialOf(certificate), issuerId, pem: `${certificate.toString("pem")}\n`, issuedAt, expiresAt };
}
