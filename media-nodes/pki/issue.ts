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

export function keyFromPem(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), algorithm, false, ["sign"]);
}

/** An authority's certificate: self-signed where the issuer is the authority itself. */
async function certifyAuthority(
  subject: { name: x509.JsonName; publicKey: x509.PublicKeyType },
  issuer: { name: x509.JsonName; publicKey: x509.PublicKeyType; signingKey: CryptoKey },
  validity: Validity,
  { above = 0, crl }: Pick<Making, "above" | "crl"> = {},
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subject.name,
    issuer: issuer.name,
    notBefore: validity.from,
    notAfter: validity.until,
    publicKey: subject.publicKey,
    signingKey: issuer.signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, above, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(subject.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(crl ? [new x509.CRLDistributionPointsExtension([crl])] : []),
    ],
  });
  return pem(certificate);
}

interface Making {
  /** The root whose hand signs it. Absent: its own. */
  by?: Certified;
  /** How many authorities may follow below it. */
  above?: 0 | 1;
  /** Where the list is fetched that says whether it is revoked, http://… */
  crl?: string;
}

/**
 * Makes an authority that may issue certificates to end entities only: self-signed, or `by` a root's hand. A root itself is
 * made `above` one more. Ten years unless told otherwise.
 */
export async function makeAuthority(
  name: string,
  validity: Validity = validFor(3650),
  { by, ...more }: Making = {},
): Promise<Certified> {
  const keys = await makeKeys();
  const subject = { name: [{ CN: [name] }], publicKey: keys.publicKey };
  const issuer = by ? await issuerOf(by) : { ...subject, signingKey: keys.privateKey };
  const certificate = await certifyAuthority(subject, issuer, validity, more);
  return { certificate, key: await keyToPem(keys.privateKey) };
}

async function issuerOf({ certificate, key }: Certified) {
  const { subjectName, publicKey } = new x509.X509Certificate(certificate);
  return { name: subjectName.toJSON(), publicKey, signingKey: await keyFromPem(key) };
}

/** A root that takes another's place under the same name, and how one finds from either to the other (RFC 4210 §4.4). PEM. */
export interface Succession {
  /** Its certificate is NewWithNew. */
  authority: Certified;
  /** The new key by the old root, for who trusts that one still. */
  newWithOld: string;
  /** The old key by the new root, for who trusts the new one and meets what the old one issued. */
  oldWithNew: string;
}

/** Makes the successor of a root that is above one more. What leads to the other one lasts as long as the old root would have. */
export async function succeed(old: Certified, validity: Validity = validFor(3650)): Promise<Succession> {
  const { notBefore, notAfter } = new x509.X509Certificate(old.certificate);
  const keys = await makeKeys();
  const [before, key] = [await issuerOf(old), await keyToPem(keys.privateKey)];
  const now = { name: before.name, publicKey: keys.publicKey, signingKey: keys.privateKey };
  return {
    authority: { certificate: await certifyAuthority(now, now, validity, { above: 1 }), key },
    newWithOld: await certifyAuthority(now, before, { from: validity.from, until: notAfter }, { above: 1 }),
    oldWithNew: await certifyAuthority(before, now, { from: notBefore, until: notAfter }, { above: 1 }),
  };
}

const pem = (certificate: x509.X509Certificate) => `${certificate.toString("pem")}\n`;

async function issue(
  authority: Certified,
  subject: x509.JsonName,
  purpose: x509.ExtendedKeyUsage,
  names: x509.JsonGeneralName[],
  validity: Validity,
): Promise<Certified> {
  const keys = await makeKeys();
  const certificate = await certify(authority, subject, purpose, names, validity, keys.publicKey);
  return { certificate, key: await keyToPem(keys.privateKey) };
}

async function certify(
  authority: Certified,
  subject: x509.JsonName,
  purpose: x509.ExtendedKeyUsage,
  names: x509.JsonGeneralName[],
  validity: Validity,
  publicKey: x509.PublicKeyType,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer.subjectName,
    notBefore: validity.from,
    notAfter: validity.until,
    publicKey,
    signingKey: await keyFromPem(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return pem(certificate);
}

/** A server's certificate for these host names and IP addresses; the first is its common name. One year unless told otherwise. */
export function issueServerCertificate(
  authority: Certified,
  names: readonly [string, ...string[]],
  validity: Validity = validFor(365),
): Promise<Certified> {
  const alternatives = names.map((value): x509.JsonGeneralName => ({ type: isIP(value) ? "ip" : "dns", value }));
  return issue(authority, [{ CN: [names[0]] }], x509.ExtendedKeyUsage.serverAuth, alternatives, validity);
}

const ofDevice = (deviceId: string) => ({
  subject: [{ CN: [deviceId] }],
  names: [{ type: "url" as const, value: `urn:uuid:${deviceId}` }],
});

/** A device's client certificate: its id is the common name, and the URI `urn:uuid:<id>` the alternative name. Two years unless told otherwise. */
export function issueDeviceCertificate(
  authority: Certified,
  deviceId: string,
  validity: Validity = validFor(730),
): Promise<Certified> {
  const { subject, names } = ofDevice(deviceId);
  return issue(authority, subject, x509.ExtendedKeyUsage.clientAuth, names, validity);
}

/** The same for a key of the device's own, by its certification request (PKCS #10, PEM). */
export function certifyDevice(authority: Certified, deviceId: string, request: string): Promise<string> {
  const { subject, names } = ofDevice(deviceId);
  const { publicKey } = new x509.Pkcs10CertificateRequest(request);
  return certify(authority, subject, x509.ExtendedKeyUsage.clientAuth, names, validFor(730), publicKey);
}

/** What a maker gives a device on its way (IEEE 802.1AR): its serial number, and no end that is known (RFC 5280 §4.1.2.5). */
export function issueFactoryCertificate(
  authority: Certified,
  plate: { serial: string; model: string },
): Promise<Certified> {
  const subject: x509.JsonName = [{ CN: [plate.model] }, { "2.5.4.5": [plate.serial] }];
  const validity = { from: validFor(0).from, until: new Date("9999-12-31T23:59:59Z") };
  return issue(authority, subject, x509.ExtendedKeyUsage.clientAuth, [], validity);
}

/** A fresh key, and a request for its certificate (PKCS #10). Both PEM. */
export async function makeRequest(commonName: string): Promise<{ request: string; key: string }> {
  const keys = await makeKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
  });
  return { request: `${request.toString("pem")}\n`, key: await keyToPem(keys.privateKey) };
}
