/**
 * The folder that holds the authorities and what they issued:
 * `device-ca.pem` and `.key`, `server-ca.pem` and `.key`, `server.pem` and `.key`, `devices/<deviceId>.pem` and `.key`; and
 * `trusted.pem`, the authorities that our own parts trust.
 * Keys are readable by their owner alone.
 */
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Certified, issueDeviceCertificate, issueServerCertificate, makeAuthority } from "./issue.ts";

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

function save(files: CertifiedFiles, issued: Certified): void {
  write(files.key, issued.key, 0o600);
  write(files.certificate, issued.certificate, 0o644);
}

function load(files: CertifiedFiles): Certified | undefined {
  if (!existsSync(files.certificate) || !existsSync(files.key)) return undefined;
  return { certificate: readFileSync(files.certificate, "utf8"), key: readFileSync(files.key, "utf8") };
}

/** Reads the authority of that name (`device-ca` or `server-ca`), and makes it on first use. */
export async function authorityIn(folder: string, name: "device-ca" | "server-ca"): Promise<Certified> {
  mkdirSync(folder, { recursive: true });
  const files = filesOf(folder, name);
  const known = load(files);
  if (known) return known;
  const title = name === "device-ca" ? "Symphony device authority" : "Symphony server authority";
  const made = await makeAuthority(title);
  save(files, made);
  return made;
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
  await authorityIn(folder, "device-ca");
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

/** Sees to it that the device has a certificate that still lasts. Returns its files. */
export async function deviceCertificateIn(folder: string, deviceId: string, now = Date.now()): Promise<CertifiedFiles> {
  mkdirSync(join(folder, "devices"), { recursive: true });
  const files = deviceFiles(folder, deviceId);
  const known = load(files);
  const lasts = known && remaining(known.certificate, now) > renewBefore;
  if (!lasts) save(files, await issueDeviceCertificate(await authorityIn(folder, "device-ca"), deviceId));
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
