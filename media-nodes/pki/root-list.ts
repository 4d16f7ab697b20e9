/**
 * The root's revocation list (RFC 5280 §5): which of the authorities that it signed are not to be trusted any more. Signed here and
 * not at the edge, since it takes the root's key, which lies apart. In `root-ca.crl`, PEM; what is revoked, in `offline/revoked.json`.
 */
import "reflect-metadata";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { z } from "zod";
import { pemBlocks } from "#core/certificate/issuers.ts";
import { signedList, toBeSigned } from "#core/certificate/revocation-list.ts";
import { read, rootFiles, write } from "./folder.ts";
import { keyFromPem } from "./issue.ts";

const day = 24 * 60 * 60_000;
/** A year, and signed again by the first start after half of it. Milliseconds. */
const listLife = 365 * day;

const revoked = z.array(z.object({ serial: z.string(), at: z.number() }));
const revokedIn = (folder: string) => revoked.parse(JSON.parse(read(join(folder, "offline", "revoked.json")) || "[]"));
const listPath = (folder: string) => join(folder, "root-ca.crl");

/**
 * Sees to it that the root's list is there and young. Where the root's key was taken away it stays as it is.
 * @returns until when it counts. Throws where there is none and no key to make one
 */
export async function rootListIn(folder: string, now = Date.now()): Promise<Date> {
  const pem = read(listPath(folder));
  const known = pem ? new x509.X509Crl(pem) : undefined;
  if (known?.nextUpdate && (now < known.thisUpdate.getTime() + listLife / 2 || !existsSync(rootFiles(folder).key)))
    return known.nextUpdate;
  return sign(folder, now);
}

async function sign(folder: string, now: number): Promise<Date> {
  const { certificate, key } = rootFiles(folder);
  if (!existsSync(key)) throw new Error(`The root's list can't be signed without its key, ${key}.`);
  const root = new x509.X509Certificate(readFileSync(certificate, "utf8"));
  const until = now + listLife;
  const octets = Uint8Array.from(
    toBeSigned({
      issuer: new Uint8Array(root.subjectName.toArrayBuffer()),
      keyIdentifier: Buffer.from(root.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? "", "hex"),
      number: now, // grows by itself
      of: "authorities",
      from: now,
      until,
      revoked: revokedIn(folder).map((one) => ({ ...one, reason: "key-compromise" })),
    }),
  );
  const ecdsa = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(ecdsa, await keyFromPem(readFileSync(key, "utf8")), octets);
  const list = signedList(octets, new Uint8Array(signature));
  write(listPath(folder), `${x509.PemConverter.encode(Uint8Array.from(list).buffer, "X509 CRL")}\n`, 0o644);
  return new Date(until);
}

/** From now on the root's list says that these authorities (PEM) are not to be trusted. Throws where the root did not sign them. */
export async function revokeAuthority(folder: string, authorities: string, now = Date.now()): Promise<void> {
  const serials = await Promise.all(pemBlocks(authorities).map((one) => serialByRoot(folder, one)));
  if (serials.length === 0 || serials.includes(undefined))
    throw new Error("This is no certificate that the root has signed.");
  const known = revokedIn(folder);
  const more = serials
    .filter((serial) => serial !== undefined)
    .filter((serial) => !known.some((one) => one.serial === serial));
  const all = [...known, ...more.map((serial) => ({ serial, at: now }))];
  write(join(folder, "offline", "revoked.json"), JSON.stringify(all), 0o600);
  await sign(folder, now);
}

async function serialByRoot(folder: string, authority: string): Promise<string | undefined> {
  const root = new x509.X509Certificate(readFileSync(rootFiles(folder).certificate, "utf8"));
  try {
    const certificate = new x509.X509Certificate(authority);
    const isRoots = certificate.issuer === root.subject && (await certificate.verify({ publicKey: root.publicKey }));
    return isRoots ? certificate.serialNumber : undefined;
  } catch {
    return undefined; // it can't be read
  }
}
