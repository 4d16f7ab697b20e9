/** The authority that issues devices' certificates, under the root, and those before it. */
import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { issuersAt, issuersToday, type KeptIssuers, pemBlocks } from "#core/certificate/issuers.ts";
import {
  type CertifiedFiles,
  deviceFiles,
  filesOf,
  load,
  putInPlace,
  read,
  remaining,
  renewBefore,
  rootFiles,
  save,
  writeTogether,
} from "./folder.ts";
import { type Certified, issueDeviceCertificate, makeAuthority } from "./issue.ts";

export interface DeviceAuthority {
  /** PEM. */
  root: string;
  issuing: Certified;
  /** PEM: every authority whose devices' certificates count, this one and those before it. */
  issuers: string[];
}

const keptIn = (folder: string): KeptIssuers => {
  const both = (ending: string) =>
    ["device-ca", "device-ca-before"].map((name) => read(join(folder, `${name}.${ending}`))).join("");
  return { certificates: both("pem"), keys: both("key"), rootList: read(join(folder, "root-ca.crl")) };
};

/**
 * Reads the authority that issues devices' certificates, with the root that signed it; makes both on first use. Throws where the
 * root's list names it.
 * @param crl where the root's list is fetched, as the issuing authority's certificate names it once it is made
 */
export async function deviceAuthorityIn(folder: string, crl?: string): Promise<DeviceAuthority> {
  mkdirSync(join(folder, "offline"), { recursive: true, mode: 0o700 });
  putInPlace(folder);
  const files = filesOf(folder, "device-ca");
  const known = load(files);
  // The root's key may be gone: it is needed for another issuing authority only.
  const root = read(rootFiles(folder).certificate);
  if (root && known && new X509Certificate(known.certificate).checkIssued(new X509Certificate(root)))
    return { root, issuing: known, issuers: issuersToday(keptIn(folder), Date.now()).map(({ pem }) => pem) };
  const made = load(rootFiles(folder)) ?? (await makeAuthority("Symphony root authority", undefined, { above: 1 }));
  const issuing = await makeAuthority("Symphony device authority", undefined, { by: made, ...(crl ? { crl } : {}) });
  save(rootFiles(folder), made);
  save(files, issuing);
  return { root: made.certificate, issuing, issuers: [issuing.certificate] };
}

/**
 * Puts another authority in the place of the one that issues devices' certificates. What that one issued counts until it ends or
 * is renewed, unless the root's list names that one: then it is left out. Throws where the root's key was taken away.
 */
export async function replaceIssuing(folder: string, now = Date.now()): Promise<void> {
  const root = load(rootFiles(folder));
  if (!root) throw new Error(`No authority can be signed without the root's key, ${rootFiles(folder).key}.`);
  putInPlace(folder);
  const kept = keptIn(folder);
  const [last = ""] = pemBlocks(kept.certificates);
  const present = new x509.X509Certificate(last);
  const [lists] = present.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const crl = lists?.distributionPoint?.fullName?.[0]?.uniformResourceIdentifier;
  const next = await makeAuthority(nameAfter(present.subject), undefined, { by: root, ...(crl ? { crl } : {}) });
  const before = issuersAt(kept, now);
  writeTogether(folder, {
    "device-ca.pem": next.certificate,
    "device-ca.key": next.key,
    "device-ca-before.pem": before.map(({ pem }) => pem).join(""),
    "device-ca-before.key": before.map(({ key }) => key).join(""),
  });
}

/** Each has a name of its own, so that nobody takes what one issued for the other's: the title, and from the second on its number. */
function nameAfter(subject: string): string {
  const [, title = "", number = "1"] = /^CN=(.*?)(?: (\d+))?$/.exec(subject) ?? [];
  return `${title} ${Number(number) + 1}`;
}

/**
 * Sees to it that the device has a certificate that still lasts, from the authority in this folder and without the cloud: for
 * a gateway whose edge takes its word. Returns its files.
 */
export async function deviceCertificateIn(folder: string, deviceId: string, now = Date.now()): Promise<CertifiedFiles> {
  mkdirSync(join(folder, "devices"), { recursive: true });
  const files = deviceFiles(folder, deviceId);
  if (!(await lastsIn(folder, load(files)?.certificate, now)))
    save(files, await issueDeviceCertificate((await deviceAuthorityIn(folder)).issuing, deviceId));
  return files;
}

/** Whether a device's certificate (PEM) is there, by today's authority, and not near its end. */
export async function lastsIn(folder: string, certificate: string | undefined, now = Date.now()): Promise<boolean> {
  if (certificate === undefined || remaining(certificate, now) <= renewBefore) return false;
  const { issuing } = await deviceAuthorityIn(folder);
  return new X509Certificate(certificate).checkIssued(new X509Certificate(issuing.certificate));
}
