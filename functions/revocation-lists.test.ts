/** Lists that are judged by OpenSSL, over a real database. */
import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keyIdentifier } from "#core/certificate/issuers.ts";
import { connectDb } from "#db/client.ts";
import { crlPartFor } from "#db/queries/certificates.ts";
import { certificate } from "#db/schema/identity.ts";
import { startTestDatabase, type TestDatabase } from "#db/testing/database.ts";
import { makeHouse } from "#db/testing/house.ts";
import { authorities } from "#media-nodes/edge/authorities.ts";
import { deviceAuthorityIn, replaceIssuing } from "#media-nodes/pki/device-authority.ts";
import { authorityIn } from "#media-nodes/pki/folder.ts";
import type { Certified } from "#media-nodes/pki/issue.ts";
import { revokeAuthority, rootListIn } from "#media-nodes/pki/root-list.ts";
import { currentList, type ListEnv, listLife, rootList, signDueLists } from "./revocation-lists.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const folder = mkdtempSync(join(tmpdir(), "lists-"));
const crl = "http://crl.example/crl";
let database: TestDatabase;
let env: ListEnv;
let root: string;
let issuing: Certified;

beforeAll(async () => {
  database = await startTestDatabase();
  ({ root, issuing } = await deviceAuthorityIn(folder));
  await rootListIn(folder);
  await authorityIn(folder, "server-ca");
  const { applicationUrl: DATABASE_URL, doors } = database;
  env = { ...bound(), DATABASE_URL, NEON_FETCH_ENDPOINT: `${doors}/sql`, CRL_URL: crl };
}, 120_000);
afterAll(() => database?.close());

/** What is told of the lists that are due then. */
async function alarmsAt(at: number, more: Partial<ListEnv> = {}): Promise<string[]> {
  const alarms: string[] = [];
  await signDueLists({ ...env, ...more }, at, (sentence) => alarms.push(sentence));
  return alarms;
}

const bound = (pki = folder) => {
  const { ROOT_LIST = "", ISSUING_CERTIFICATE = "", ISSUING_KEY = "" } = authorities(pki);
  return { ROOT_LIST, ISSUING_CERTIFICATE, ISSUING_KEY };
};

function file(name: string, contents: string): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

let issued = 0;
/** A device's certificate of that part, kept as the cloud keeps it. */
async function device(part: string, authority = issuing): Promise<{ serial: string; path: string }> {
  const serial = (0x4000 + issued++).toString(16);
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const by = new x509.X509Certificate(authority.certificate);
  const [issuedAt, expiresAt] = [new Date(Date.now() - 60_000), new Date(Date.now() + 90 * 86_400_000)];
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: "CN=device",
    issuer: by.subjectName,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(authority.key), algorithm, false, [
      "sign",
    ]),
    signingAlgorithm: algorithm,
    notBefore: issuedAt,
    notAfter: expiresAt,
    extensions: [new x509.CRLDistributionPointsExtension([`${crl}/${part}.crl`])],
  });
  const pem = made.toString("pem");
  const row = { serial, deviceId: crypto.randomUUID(), spkiHash: serial, pem, crlPart: part, issuedAt, expiresAt };
  await database.db.insert(certificate).values({ ...row, issuerId: keyIdentifier(by) });
  return { serial, path: file(`${serial}.pem`, pem) };
}

const revoke = (serial: string, at = Date.now()) =>
  database.db
    .update(certificate)
    .set({ revokedAt: new Date(at), reason: "key-compromise" })
    .where(eq(certificate.serial, serial));

const pem = (list: Uint8Array) =>
  `-----BEGIN X509 CRL-----\n${Buffer.from(list).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END X509 CRL-----\n`;

/** What OpenSSL says who has this part, and with `all` also asks for every authority by the root's list, where it has it. */
async function verify(path: string, part: string, all?: { root?: Uint8Array }): Promise<string> {
  return judged(path, await currentList(env, part, Date.now()), { root, issuing }, all);
}

function judged(
  path: string,
  list: Uint8Array | undefined,
  by: { root: string; issuing: Certified },
  all?: { root?: Uint8Array },
): string {
  if (!list) throw new Error("no list");
  const lists = pem(list) + (all?.root ? pem(all.root) : "");
  const files = [
    ...["-CAfile", file("root.pem", by.root)],
    ...["-untrusted", file("issuing.pem", by.issuing.certificate)],
    ...["-CRLfile", file("list.pem", lists)],
  ];
  try {
    const check = all ? "-crl_check_all" : "-crl_check";
    return execFileSync("openssl", ["verify", check, ...files, path], { stdio: "pipe" }).toString();
  } catch (error) {
    return error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  }
}

const numberOf = (list: Uint8Array | undefined) =>
  execFileSync("openssl", ["crl", "-noout", "-crlnumber"], { input: pem(list ?? new Uint8Array()) })
    .toString()
    .trim();

it("a device is good until it is revoked, and is refused by the very next list that is fetched", async () => {
  const part = "00000000000000aa-0";
  const [stolen, other] = [await device(part), await device(part)];
  expect(await verify(stolen.path, part)).toContain(": OK");
  await revoke(stolen.serial);
  expect(await verify(stolen.path, part)).toContain("error 23 at 0 depth lookup: certificate revoked");
  expect(await verify(other.path, part)).toContain(": OK");
});

it("another part can't be shown in its place", async () => {
  const [mine, theirs] = ["00000000000000ab-0", "00000000000000ac-0"];
  const { path } = await device(mine);
  await device(theirs);
  expect(await verify(path, theirs)).toContain("error 44 at 0 depth lookup");
});

it("the whole chain is judged by the right part and the root's list, and by nothing else", async () => {
  const [mine, theirs] = ["00000000000000ae-0", "00000000000000af-0"];
  const { path } = await device(mine);
  await device(theirs);
  const all = { root: rootList(env) };
  expect(await verify(path, mine, all)).toContain(": OK");
  expect(await verify(path, theirs, all)).toContain("error 44 at 0 depth lookup");
  expect(await verify(path, mine, {})).toContain("error 3 at 1 depth lookup");
});

it("a device's certificate is worth nothing once the root's list names the authority that issued it", async () => {
  const part = "00000000000000ba-0";
  const { path } = await device(part);
  await expect(revokeAuthority(folder, "no certificate")).rejects.toThrow("no certificate that the root has signed");
  await revokeAuthority(folder, issuing.certificate);
  const all = { root: rootList(bound()) };
  expect(await verify(path, part)).toContain(": OK");
  expect(await verify(path, part, all)).toContain("error 23 at 1 depth lookup: certificate revoked");
});

it("a part's list is by the authority that issued what is in it, and there is none once that one is revoked", async () => {
  const pki = join(folder, "replaced");
  const first = await deviceAuthorityIn(pki);
  await rootListIn(pki);
  await authorityIn(pki, "server-ca");
  await replaceIssuing(pki);
  const second = await deviceAuthorityIn(pki);
  const parts = [
    { part: "00000000000000ca-0", authority: first.issuing },
    { part: "00000000000000cb-0", authority: second.issuing },
  ];
  for (const { part, authority } of parts) {
    const [stolen, other] = [await device(part, authority), await device(part, authority)];
    await revoke(stolen.serial);
    const list = await currentList({ ...env, ...bound(pki) }, part, Date.now());
    expect(judged(other.path, list, { root: first.root, issuing: authority })).toContain(": OK");
    expect(judged(stolen.path, list, { root: first.root, issuing: authority })).toContain("certificate revoked");
  }
  await revokeAuthority(pki, first.issuing.certificate);
  const after = { ...env, ...bound(pki) };
  const answered = await Promise.all(parts.map(({ part }) => currentList(after, part, Date.now())));
  expect(answered.map((list) => list !== undefined)).toEqual([false, true]);
  expect(await alarmsAt(Date.now() + listLife, bound(pki))).toEqual([
    "1 of 1 revocation lists were past three quarters of their life.",
  ]);
});

it("the root's list is signed anew by a start after half of its life, where the root's key is, and is missed before it ends", async () => {
  const day = 86_400_000;
  const now = Date.now();
  const first = await rootListIn(folder, now);
  expect(await rootListIn(folder, now + 100 * day)).toEqual(first);
  const ofRoot = async (at: number) => (await alarmsAt(at, bound())).filter((sentence) => /root/.test(sentence));
  expect(await ofRoot(now)).toEqual([]);
  expect(await ofRoot(now + 300 * day)).toEqual(["The root's revocation list is past three quarters of its life."]);
  expect((await rootListIn(folder, now + 200 * day)).getTime()).toBeGreaterThan(first.getTime());
  expect(numberOf(rootList(bound())).length).toBeGreaterThan("crlNumber=0x".length);
  rmSync(join(folder, "offline", "root-ca.key"));
  expect((await rootListIn(folder, now + 500 * day)).getTime()).toBeLessThan(now + 600 * day);
  await expect(revokeAuthority(folder, issuing.certificate)).rejects.toThrow("without its key");
});

it("a list is signed again when something changed or half its life is over, and its number grows", async () => {
  const part = "00000000000000ad-0";
  const { serial } = await device(part);
  const now = Date.now();
  expect(numberOf(await currentList(env, part, now))).toBe("crlNumber=0x01");
  expect(numberOf(await currentList(env, part, now + 1_000))).toBe("crlNumber=0x01");
  await revoke(serial, now + 2_000);
  expect(numberOf(await currentList(env, part, now + 3_000))).toBe("crlNumber=0x02");
  // Once more, for what was being written while it was signed.
  expect(numberOf(await currentList(env, part, now + 20_000))).toBe("crlNumber=0x03");
  expect(await alarmsAt(now + 21_000)).toEqual([]);
  expect(numberOf(await currentList(env, part, now + 22_000))).toBe("crlNumber=0x03");
  expect(await alarmsAt(now + listLife / 2 + 21_000)).toEqual([]);
  expect(numberOf(await currentList(env, part, now + listLife / 2 + 22_000))).toBe("crlNumber=0x04");
});

it("a list that nobody signed by three quarters of its life is told, and signed all the same", async () => {
  const part = "00000000000000bb-0";
  await device(part);
  const now = Date.now();
  await currentList(env, part, now);
  expect(await alarmsAt(now + (listLife * 3) / 4 - 1_000)).toEqual([]);
  await currentList(env, part, now + 2 * listLife);
  expect(await alarmsAt(now + 2 * listLife + (listLife * 3) / 4 + 1_000)).toEqual([
    expect.stringMatching(/^\d+ of \d+ revocation lists were past three quarters of their life\.$/),
  ]);
  const signed = numberOf(await currentList(env, part, now + 3 * listLife));
  expect(signed).toBe("crlNumber=0x04");
});

it("a part speaks for one organisation and a thousand certificates at most, also where sixty are issued at the same moment", async () => {
  const { organisationId: holderId } = await makeHouse(database.db);
  const parts = new Map<string, number>();
  for (let round = 0; round < 40; round++) {
    const crlPart = await crlPartFor(connectDb(env), holderId, "one");
    const made = Array.from({ length: 60 }, (_, n) => {
      const serial = (0x100000 + round * 60 + n).toString(16);
      const [issuedAt, expiresAt] = [new Date(), new Date(Date.now() + 86_400_000)];
      const named = { serial, deviceId: crypto.randomUUID(), spkiHash: serial, pem: "", issuerId: "one", crlPart };
      return { ...named, holderId, issuedAt, expiresAt };
    });
    await database.db.insert(certificate).values(made);
    parts.set(crlPart, (parts.get(crlPart) ?? 0) + made.length);
  }
  expect(Math.max(...parts.values())).toBeLessThanOrEqual(1_000);
  expect(parts.size).toBe(3);
  const neighbours = await makeHouse(database.db);
  expect([...parts.keys()]).not.toContain(await crlPartFor(connectDb(env), neighbours.organisationId, "one"));
});

it("there is no list of a part that no certificate names", async () => {
  expect(await currentList(env, "ffffffffffffffff-9", Date.now())).toBeUndefined();
});
