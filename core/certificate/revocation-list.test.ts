/** Judged by OpenSSL, which we did not write. */
import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { beforeAll, expect, test } from "vitest";
import { type RevocationList, type Revoked, signedList, toBeSigned } from "./revocation-list.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const folder = mkdtempSync(join(tmpdir(), "crl-"));
const file = (name: string, contents: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
};
const address = (part: number) => `http://crl.example/${part}.crl`;
const now = Date.now();
const hour = 3_600_000;

interface Authority {
  keys: CryptoKeyPair;
  certificate: x509.X509Certificate;
}
const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

async function issue(
  issuer: Authority | undefined,
  subject: string,
  serialNumber: string,
  keys: CryptoKeyPair,
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.certificate.subjectName ?? subject,
    serialNumber,
    notBefore: new Date(now - hour),
    notAfter: new Date(now + 24 * hour),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create((issuer?.keys ?? keys).publicKey),
    ],
  });
}

async function makeAuthority(subject: string, serial: string, issuer?: Authority): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await issue(issuer, subject, serial, keys, [
    new x509.BasicConstraintsExtension(true, issuer ? 0 : 1, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);
  return { keys, certificate };
}

let root: Authority;
let issuing: Authority;
beforeAll(async () => {
  x509.cryptoProvider.set(crypto);
  root = await makeAuthority("CN=Root", "01");
  issuing = await makeAuthority("CN=Lindenhof issuing CA", "02", root);
  file("root.pem", root.certificate.toString("pem"));
  file("issuing.pem", issuing.certificate.toString("pem"));
});

async function device(serial: string, part: number): Promise<string> {
  const points = new x509.CRLDistributionPointsExtension([address(part)]);
  const certificate = await issue(issuing, "CN=device", serial, await makeKeys(), [points]);
  return file(`${serial}.pem`, certificate.toString("pem"));
}

async function sign(
  { keys, certificate }: Authority,
  about: Pick<RevocationList, "of" | "address" | "revoked" | "until">,
) {
  const keyIdentifier = certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? "";
  const signed = toBeSigned({
    issuer: new Uint8Array(certificate.subjectName.toArrayBuffer()),
    keyIdentifier: Uint8Array.from(Buffer.from(keyIdentifier, "hex")),
    number: 4711,
    from: now - hour,
    ...about,
  });
  const signature = await crypto.subtle.sign(algorithm, keys.privateKey, Buffer.from(signed));
  return signedList(signed, new Uint8Array(signature));
}

const list = (part: number, revoked: readonly Revoked[], until = now + hour) =>
  sign(issuing, { of: "devices", address: address(part), revoked, until });

function openssl(...given: string[]): string {
  try {
    return execFileSync("openssl", given, { stdio: "pipe" }).toString();
  } catch (error) {
    return error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  }
}

const pem = (crl: Uint8Array) =>
  `-----BEGIN X509 CRL-----\n${Buffer.from(crl).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END X509 CRL-----\n`;

async function verify(certificate: string, crl: Uint8Array, ...more: string[]): Promise<string> {
  const ofRoot = await sign(root, { of: "authorities", revoked: [], until: now + hour });
  const lists = file("lists.pem", pem(crl) + pem(ofRoot));
  const chain = ["-CAfile", join(folder, "root.pem"), "-untrusted", join(folder, "issuing.pem")];
  return openssl("verify", ...chain, "-CRLfile", lists, ...more, certificate);
}

const stolen: Revoked = { serial: "4b", at: now - 1000, reason: "key-compromise" };

test("a list of nobody lets everyone in", async () => {
  expect(await verify(await device("4a", 1), await list(1, []), "-crl_check")).toContain(": OK");
});

test("who is on it is refused, and who is not is let in", async () => {
  const crl = await list(1, [stolen]);
  expect(await verify(await device("4b", 1), crl, "-crl_check")).toContain(
    "error 23 at 0 depth lookup: certificate revoked",
  );
  expect(await verify(await device("4c", 1), crl, "-crl_check_all")).toContain(": OK");
});

test("another part can't be shown in its place", async () => {
  for (const check of ["-crl_check", "-crl_check_all"])
    expect(await verify(await device("4d", 1), await list(2, []), check)).toContain("error 44 at 0 depth lookup");
});

test("a list past its time counts for nothing", async () => {
  expect(await verify(await device("4e", 1), await list(1, [], now - 60_000), "-crl_check")).toContain("error 12");
});

test("OpenSSL reads number, reason, authority and distribution point, and finds the signature right", async () => {
  const path = file("list.crl", await list(7, [stolen, { serial: "ff00", at: now, reason: "unspecified" }]));
  const said = openssl("crl", "-inform", "DER", "-in", path, "-CAfile", join(folder, "issuing.pem"), "-noout", "-text");
  for (const line of [
    "Version 2 (0x1)",
    "X509v3 CRL Number: \n                4711",
    "Key Compromise",
    "URI:http://crl.example/7.crl",
    "Only User Certificates",
    "Serial Number: FF00",
  ])
    expect(said).toContain(line);
  expect(
    openssl("crl", "-inform", "DER", "-in", path, "-CAfile", join(folder, "issuing.pem"), "-noout", "-verify"),
  ).not.toContain("failure");
});

test("a hundred thousand entries are encoded, and OpenSSL reads them", async () => {
  const many = Array.from(
    { length: 100_000 },
    (_, at): Revoked => ({
      serial: `40${(at + 1).toString(16).padStart(30, "0")}`,
      at: now,
      reason: "superseded",
    }),
  );
  const path = file("long.crl", await list(1, many));
  expect(openssl("crl", "-inform", "DER", "-in", path, "-noout", "-crlnumber")).toContain("1267");
});
