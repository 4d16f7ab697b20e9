/**
 * The folder that holds the authorities and what they issued:
 * `root-ca.pem`, whose key lies apart in `offline/` and could be taken away; `device-ca.pem` and `.key`, which it signed, and
 * `root-ca.crl`, which says that it still counts;
 * `maker-ca.pem` and `.key` of the reference stations' maker; `server-ca.pem` and `.key`, `server.pem` and `.key`, and once
 * there was a server authority before, what leads from it to this one and back (`server-ca-new-with-old.pem`, `-old-with-new.pem`);
 * `factory/<name>.pem` and `.key` of stations as they left the factory, `devices/<deviceId>.pem` and `.key` once they are
 * claimed; and `trusted.pem`, the authorities that our own parts trust.
 * Keys are readable by their owner alone.
 */
import { createHash, X509Certificate } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  type Certified,
  issueDeviceCertificate,
  issueFactoryCertificate,
  issueServerCertificate,
  makeAuthority,
  succeed,
} from "./issue.ts";

/** A certificate with less than this left is issued anew, in milliseconds. */
const renewBefore = 30 * 24 * 60 * 60_000;

/** Written beside and renamed, so that a killed start leaves no half file. */
export function write(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}

/** Empty where there is no such file. */
export const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Where a certificate and its key lie. */
export interface CertifiedFiles {
  certificate: string;
  key: string;
}

const filesOf = (folder: string, name: string): CertifiedFiles => ({
  certificate: join(folder, `${name}.pem`),
  key: join(folder, `${name}.key`),
});

/** The files of a device's certificate, whether they exist or not. */
export const deviceFiles = (folder: string, deviceId: string): CertifiedFiles =>
  filesOf(join(folder, "devices"), deviceId);

/** Keeps both, the key first. */
export function save(files: CertifiedFiles, issued: Certified): void {
  write(files.key, issued.key, 0o600);
  write(files.certificate, issued.certificate, 0o644);
}

export function load(files: CertifiedFiles): Certified | undefined {
  if (!existsSync(files.certificate) || !existsSync(files.key)) return undefined;
  return { certificate: readFileSync(files.certificate, "utf8"), key: readFileSync(files.key, "utf8") };
}

const authorities = {
  // Above one more: a successor's certificate by it counts as one for clients that know no self-issued ones (RFC 5280 §6.1).
  "server-ca": { title: "Symphony server authority", above: 1 },
  "maker-ca": { title: "Symphony reference stations", above: 0 },
} as const;

/** Reads the authority of that name, and makes it on first use. */
export async function authorityIn(folder: string, name: keyof typeof authorities): Promise<Certified> {
  mkdirSync(folder, { recursive: true });
  putInPlace(folder);
  const files = filesOf(folder, name);
  const known = load(files);
  if (known) return known;
  const { title, above } = authorities[name];
  const made = await makeAuthority(title, undefined, { above });
  save(files, made);
  return made;
}

const newWithOld = "server-ca-new-with-old.pem";
const oldWithNew = "server-ca-old-with-new.pem";

/** Those of the PEM text that still last, one by one. */
const lasting = (pem: string, now: number): string =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g) ?? [])
    .filter((one) => remaining(one, now) > 0)
    .join("");

/** Files that were prepared together take their places together, also after a power cut in between. */
function putInPlace(folder: string): void {
  const ready = join(folder, "ready");
  if (!existsSync(ready)) return;
  for (const name of readdirSync(ready)) renameSync(join(ready, name), join(folder, name));
  rmdirSync(ready);
}

/**
 * Puts a new server authority in the old one's place (RFC 4210 §4.4): who trusts only the old one, and who trusts only the new
 * one, finds to the other. The server's certificate is issued anew by the next start.
 */
export async function rollServerAuthority(folder: string, now = Date.now()): Promise<void> {
  const old = await authorityIn(folder, "server-ca");
  const next = await succeed(old);
  const preparing = join(folder, "preparing");
  rmSync(preparing, { recursive: true, force: true });
  mkdirSync(preparing, { mode: 0o700 });
  save(filesOf(preparing, "server-ca"), next.authority);
  for (const [name, one] of [[newWithOld, next.newWithOld] as const, [oldWithNew, next.oldWithNew] as const])
    write(join(preparing, name), one + lasting(read(join(folder, name)), now), 0o644);
  renameSync(preparing, join(folder, "ready"));
  putInPlace(folder);
}

/** From now on nothing leads from or to the server authorities before this one: whoever has not learnt of it is out. */
export function forgetServerAuthorities(folder: string): void {
  for (const name of [newWithOld, oldWithNew]) rmSync(join(folder, name), { force: true });
}

export interface DeviceAuthority {
  /** PEM. */
  root: string;
  issuing: Certified;
}

/** The root's key lies apart: it could be taken away. */
export const rootFiles = (folder: string): CertifiedFiles => ({
  certificate: join(folder, "root-ca.pem"),
  key: join(folder, "offline", "root-ca.key"),
});

/**
 * Reads the authority that issues devices' certificates, with the root that signed it; makes both on first use.
 * @param crl where the root's list is fetched, as the issuing authority's certificate names it once it is made
 */
export async function deviceAuthorityIn(folder: string, crl?: string): Promise<DeviceAuthority> {
  mkdirSync(join(folder, "offline"), { recursive: true, mode: 0o700 });
  const files = filesOf(folder, "device-ca");
  const known = load(files);
  // The root's key may be gone: it is needed for another issuing authority only.
  const root = read(rootFiles(folder).certificate);
  if (root && known && new X509Certificate(known.certificate).checkIssued(new X509Certificate(root)))
    return { root, issuing: known };
  const made = load(rootFiles(folder)) ?? (await makeAuthority("Symphony root authority", undefined, { above: 1 }));
  const issuing = await makeAuthority("Symphony device authority", undefined, { by: made, ...(crl ? { crl } : {}) });
  save(rootFiles(folder), made);
  save(files, issuing);
  return { root: made.certificate, issuing };
}

/** What tells makers apart: SHA-256 of the authority's SubjectPublicKeyInfo, hexadecimal. */
export function authorityId(certificate: string): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

/** The files of a station as it left the factory, whether they exist or not. */
export const factoryFiles = (folder: string, name: string): CertifiedFiles => filesOf(join(folder, "factory"), name);

/** Sees to it that a reference station has its factory certificate. */
export async function factoryCertificateIn(
  folder: string,
  name: string,
  plate: { serial: string; model: string },
): Promise<CertifiedFiles> {
  mkdirSync(join(folder, "factory"), { recursive: true });
  const files = factoryFiles(folder, name);
  if (!load(files)) save(files, await issueFactoryCertificate(await authorityIn(folder, "maker-ca"), plate));
  return files;
}

/** How long the certificate still lasts at `now`, in milliseconds. */
const remaining = (certificate: string, now: number): number =>
  Date.parse(new X509Certificate(certificate).validTo) - now;

/** Node writes the alternative names as `DNS:localhost, IP Address:127.0.0.1`. */
function namesOf(certificate: string): string[] {
  const names = new X509Certificate(certificate).subjectAltName ?? "";
  return names.split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
}

/**
 * Sees to it that the folder has the servers' authority and a certificate of it for exactly these names that still lasts, with
 * what leads there from the authorities before. Returns the server's files and the authority's certificate a client has to trust.
 */
export async function serverCertificateIn(
  folder: string,
  names: readonly [string, ...string[]],
  now = Date.now(),
): Promise<CertifiedFiles & { authority: string }> {
  const authority = await authorityIn(folder, "server-ca");
  const files = filesOf(folder, "server");
  const known = load(files);
  const chain = read(join(folder, newWithOld));
  const good =
    known !== undefined &&
    known.certificate.endsWith(`-----END CERTIFICATE-----\n${chain}`) &&
    new X509Certificate(known.certificate).verify(new X509Certificate(authority.certificate).publicKey) &&
    remaining(known.certificate, now) > renewBefore &&
    namesOf(known.certificate).sort().join() === [...names].sort().join();
  if (!good) {
    const issued = await issueServerCertificate(authority, names);
    save(files, { ...issued, certificate: issued.certificate + chain });
  }
  return { ...files, authority: join(folder, "server-ca.pem") };
}

/**
 * Sees to it that the device has a certificate that still lasts, from the authority in this folder and without the cloud: for
 * a gateway whose edge takes its word. Returns its files.
 */
export async function deviceCertificateIn(folder: string, deviceId: string, now = Date.now()): Promise<CertifiedFiles> {
  mkdirSync(join(folder, "devices"), { recursive: true });
  const files = deviceFiles(folder, deviceId);
  const known = load(files);
  const lasts = known && remaining(known.certificate, now) > renewBefore;
  if (!lasts) save(files, await issueDeviceCertificate((await deviceAuthorityIn(folder)).issuing, deviceId));
  return files;
}

/**
 * Writes down whom our own parts trust as clients, beside the authorities that Node knows: ours, and those in the PEM file
 * `others`. Returns the file, for NODE_EXTRA_CA_CERTS. Throws where `others` can't be read.
 */
export async function trustedIn(folder: string, others?: string): Promise<string> {
  const { certificate } = await authorityIn(folder, "server-ca");
  const path = join(folder, "trusted.pem");
  write(path, certificate + (others ? readFileSync(others, "utf8") : ""), 0o644);
  return path;
}
