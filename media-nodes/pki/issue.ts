/**
 * Certificates (RFC 5280), ECDSA P-256 throughout: an authority, and what it issues to servers and to devices.
 * Everything goes in and comes out as PEM text, keys as PKCS #8.
 */
import "reflect-metadata";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(crypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const minute = 60_000;
const day = 24 * 60 * minute;

/** A certificate and the private key that belongs to it. */
export interface Certified {
  certificate: string;
  key: string;
}

/** From when until when a certificate is valid. */
export interface Validity {
  from: Date;
  until: Date;
}

/** Starts five minutes ago, since clocks differ. */
export function validFor(days: number, now = Date.now()): Validity {
  return { from: new Date(now - 5 * minute), until: new Date(now + days * day) };
}

/** Positive, 16 octets, never the same twice (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(octets).toString("hex");
}

const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

async function keyToPem(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function keyFromPem(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), algorithm, false, ["sign"]);
}

/** Makes a self-signed authority that may issue certificates to end entities only. Ten years unless told otherwise. */
export async function makeAuthority(name: string, validity: Validity = validFor(3650)): Promise<Certified> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    notBefore: validity.from,
    notAfter: validity.until,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await keyToPem(keys.privateKey) };
}

async function issue(
  authority: Certified,
  commonName: string,
  purpose: x509.ExtendedKeyUsage,
  names: x509.JsonGeneralName[],
  validity: Validity,
): Promise<Certified> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    notBefore: validity.from,
    notAfter: validity.until,
    publicKey: keys.publicKey,
    signingKey: await keyFromPem(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await keyToPem(keys.privateKey) };
}

/** A server's certificate for these host names and IP addresses; the first is its common name. One year unless told otherwise. */
export function issueServerCertificate(
  authority: Certified,
  names: readonly [string, ...string[]],
  validity: Validity = validFor(365),
): Promise<Certified> {
  const alternatives = names.map((value): x509.JsonGeneralName => ({ type: isIP(value) ? "ip" : "dns", value }));
  return issue(authority, names[0], x509.ExtendedKeyUsage.serverAuth, alternatives, validity);
}

/** A device's client certificate: its id is the common name, and the URI `urn:uuid:<id>` the alternative name. Two years unless told otherwise. */
export function issueDeviceCertificate(
  authority: Certified,
  deviceId: string,
  validity: Validity = validFor(730),
): Promise<Certified> {
  const name: x509.JsonGeneralName = { type: "url", value: `urn:uuid:${deviceId}` };
  return issue(authority, deviceId, x509.ExtendedKeyUsage.clientAuth, [name], validity);
}
