/**
 * The folder that holds the authorities and what they issued:
 * `root-ca.pem`, whose key lies apart in `offline/` and could be taken away; `device-ca.pem` and `.key`, which it signed,
 * `device-ca-before.pem` and `.key`, in the same order, of those that this one succeeded, and `root-ca.crl`, which says which count;
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
import { pemBlocks } from "#core/certificate/issuers.ts";
import { type Certified, issueFactoryCertificate, issueServerCertificate, makeAuthority, succeed } from "./issue.ts";

/** A certificate with less than this left is issued anew, in milliseconds. */
export const renewBefore = 30 * 24 * 60 * 60_000;

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

export const filesOf = (folder: string, name: string): CertifiedFiles => ({
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
  pemBlocks(pem)
    .filter((one) => remaining(one, now) > 0)
    .join("");

/** Files that were prepared together take their places together, also after a power cut in between. */
export function putInPlace(folder: string): void {
  const ready = join(folder, "ready");
  if (!existsSync(ready)) return;
  for (const name of readdirSync(ready)) renameSync(join(ready, name), join(folder, name));
  rmdirSync(ready);
}

/** Writes files, by name, that count only together. Who is killed meanwhile leaves those before, or all of these. */
export function writeTogether(folder: string, files: Readonly<Record<string, string>>): void {
  const preparing = join(folder, "preparing");
  rmSync(preparing, { recursive: true, force: true });
  mkdirSync(preparing, { mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    write(join(preparing, name), text, name.endsWith(".key") ? 0o600 : 0o644);
  renameSync(preparing, join(folder, "ready"));
  putInPlace(folder);
}

/**
 * Puts a new server authority in the old one's place (RFC 4210 §4.4): who trusts only the old one, and who trusts only the new
 * one, finds to the other. The server's certificate is issued anew by the next start.
 */
export async function rollServerAuthority(folder: string, now = Date.now()): Promise<void> {
  const old = await authorityIn(folder, "server-ca");
  const next = await succeed(old);
  const known = (name: string) => lasting(read(join(folder, name)), now);
  writeTogether(folder, {
    "server-ca.pem": next.authority.certificate,
    "server-ca.key": next.authority.key,
    [newWithOld]: next.newWithOld + known(newWithOld),
    [oldWithNew]: next.oldWithNew + known(oldWithNew),
  });
}

/** From now on nothing leads from or to the server authorities before this one: whoever has not learnt of it is out. */
export function forgetServerAuthorities(folder: string): void {
  for (const name of [newWithOld, oldWithNew]) rmSync(join(folder, name), { force: true });
}

/** The root's key lies apart: it could be taken away. */
export const rootFiles = (folder: string): CertifiedFiles => ({
  certificate: join(folder, "root-ca.pem"),
  key: join(folder, "offline", "root-ca.key"),
});

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
export const remaining = (certificate: string, now: number): number =>
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
 * Writes down whom our own parts trust as clients, beside the authorities that Node knows: ours, and those in the PEM file
 * `others`. Returns the file, for NODE_EXTRA_CA_CERTS. Throws where `others` can't be read.
 */
export async function trustedIn(folder: string, others?: string): Promise<string> {
  const { certificate } = await authorityIn(folder, "server-ca");
  const path = join(folder, "trusted.pem");
  write(path, certificate + (others ? readFileSync(others, "utf8") : ""), 0o644);
  return path;
}
