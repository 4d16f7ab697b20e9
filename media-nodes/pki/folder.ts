/**
 * The folder that holds the authorities and what they issued:
 * `root-ca.pem`, whose key lies apart in `offline/` and could be taken away; `device-ca.pem` and `.key`, which it signed;
 * `maker-ca.pem` and `.key` of the reference stations' maker; `server-ca.pem` and `.key`, `server.pem` and `.key`;
 * `factory/<name>.pem` and `.key` of stations as they left the factory, `devices/<deviceId>.pem` and `.key` once they are
 * claimed; and `trusted.pem`, the authorities that our own parts trust.
 * Keys are readable by their owner alone.
 */
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Certified,
  issueDeviceCertificate,
  issueFactoryCertificate,
  issueServerCertificate,
  makeAuthority,
} from "./issue.ts";

/** A certificate with less than this left is issued anew, in milliseconds. */
const renewBefore = 30 * 24 * 60 * 60_000;

/** Written beside and renamed, so that a killed start leaves no half file. */
function write(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}

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

const titles = { "server-ca": "Symphony server authority", "maker-ca": "Symphony reference stations" } as const;

/** Reads the authority of that name, and makes it on first use. */
export async function authorityIn(folder: string, name: keyof typeof titles): Promise<Certified> {
  mkdirSync(folder, { recursive: true });
  const files = filesOf(folder, name);
  const known = load(files);
  if (known) return known;
  const made = await makeAuthority(titles[name]);
  save(files, made);
  return made;
}

export interface DeviceAuthority {
  /** PEM. */
  root: string;
  issuing: Certified;
}

/** Reads the authority that issues devices' certificates, with the root that signed it; makes both on first use. */
export async function deviceAuthorityIn(folder: string): Promise<DeviceAuthority> {
  mkdirSync(join(folder, "offline"), { recursive: true, mode: 0o700 });
  const rootFiles = { certificate: join(folder, "root-ca.pem"), key: join(folder, "offline", "root-ca.key") };
  const files = filesOf(folder, "device-ca");
  const known = load(files);
  // The root's key may be gone: it is needed for another issuing authority only.
  const root = existsSync(rootFiles.certificate) ? readFileSync(rootFiles.certificate, "utf8") : undefined;
  if (root && known && new X509Certificate(known.certificate).checkIssued(new X509Certificate(root)))
    return { root, issuing: known };
  const made = load(rootFiles) ?? (await makeAuthority("Symphony root authority", undefined, { above: 1 }));
  const issuing = await makeAuthority("Symphony device authority", undefined, { by: made });
  save(rootFiles, made);
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
 * Sees to it that the folder has both authorities and a server certificate for exactly these names that still lasts.
 * Returns the server's files and the authority's certificate a client has to trust.
 */
export async function serverCertificateIn(
  folder: string,
  names: readonly [string, ...string[]],
  now = Date.now(),
): Promise<CertifiedFiles & { authority: string }> {
  const authority = await authorityIn(folder, "server-ca");
  const files = filesOf(folder, "server");
  const known = load(files);
  const good =
    known !== undefined &&
    remaining(known.certificate, now) > renewBefore &&
    namesOf(known.certificate).sort().join() === [...names].sort().join();
  if (!good) save(files, await issueServerCertificate(authority, names));
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
