/**
 * `node tests/bench/certificates.ts`: a million certificates, 100,000 of them revoked. How long it takes from the API call that revokes a
 * device until a client that fetches the list sees it, and what it fetches, beside one whole list signed by OpenSSL. Three minutes.
 * Expected: seen within a second, and no part with more than 1,000 certificates.
 */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import pino from "pino";
import { keyIdentifier } from "#core/certificate/issuers.ts";
import { organisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { crlPartFor } from "#db/queries/certificates.ts";
import { partsSignedBefore } from "#db/queries/revocation-lists.ts";
import { startTestDatabase } from "#db/testing/database.ts";
import { authorities } from "#media-nodes/edge/authorities.ts";
import { startEdge } from "#media-nodes/edge/edge.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { serverCertificateIn } from "#media-nodes/pki/folder.ts";
import { rootListIn } from "#media-nodes/pki/root-list.ts";
import { demoPeople, seedDemo } from "../../db/seed/demo.ts";
import { testEdgeSettings } from "../support/edge-settings.ts";
import { temporaryFolder } from "../support/folder.ts";
import { takePorts } from "../support/ports.ts";
import { median, quantile } from "./call-setup/statistics.ts";
import { fillWith } from "./certificates/million.ts";
import { signWhole } from "./certificates/whole-list.ts";

const issued = 1_000_000;
const holders = 200;
const revocations = 20;
/** Milliseconds. */
const expected = 1_000;

execFileSync(process.execPath, ["media-nodes/supervisor/build.ts"], { stdio: "inherit" });
const folder = temporaryFolder("bench");
const pki = join(folder, "pki");
const { issuing } = await deviceAuthorityIn(pki);
await rootListIn(pki);
await serverCertificateIn(pki, ["localhost"]);
const [port = 0] = await takePorts(1);
const database = await startTestDatabase();
const password = "bench-password";
await seedDemo(database.ownerUrl, { mara: password, jonas: password });
console.log(`Putting ${issued.toLocaleString("en")} certificates into the database…`);
const issuerId = keyIdentifier(new x509.X509Certificate(issuing.certificate));
const { parts, devices } = await fillWith(database.ownerUrl, issuerId, issued, holders, revocations);
const settings = testEdgeSettings({ port, dataDir: folder, database });
const bindings = { ...settings.bindings, ...authorities(pki) };
const edge = await startEdge({ ...settings, bindings }, pino({ level: "silent" }));
const origin = `http://localhost:${port}`;

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const started = performance.now();
  return { result: await work(), ms: performance.now() - started };
}
const shown = (values: number[]) => ({ median: Math.round(median(values)), p95: Math.round(quantile(values, 0.95)) });

async function listOf(part: string): Promise<Buffer> {
  const response = await fetch(`${origin}/crl/${part}.crl`);
  if (!response.ok) throw new Error(`the list ${part} was answered with ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
async function fetchAll() {
  const each: { result: Buffer; ms: number }[] = [];
  for (const part of parts) each.push(await timed(() => listOf(part)));
  return each;
}

try {
  const first = await fetchAll();
  const again = await fetchAll();
  const octets = again.map(({ result }) => result.length);

  const signedIn = await fetch(`${origin}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin, "cf-connecting-ip": "127.0.0.1" },
    body: JSON.stringify({ email: demoPeople[0].email, password }),
  });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0];
  if (!cookie) throw new Error(`signing in was answered with ${signedIn.status}`);
  const seen: number[] = [];
  for (const { id, serial, part } of devices) {
    const { ms } = await timed(async () => {
      const answer = await fetch(`${origin}/api/devices/${id}/revoke`, { method: "POST", headers: { cookie, origin } });
      if (!answer.ok) throw new Error(`revoking was answered with ${answer.status}: ${await answer.text()}`);
      while (!(await listOf(part)).includes(Buffer.from(serial, "hex"))) {}
    });
    seen.push(ms);
  }
  // OpenSSL has the last word on the list.
  const list = join(folder, "part.crl");
  writeFileSync(list, await listOf(devices[0]?.part ?? ""));
  const judged = ["crl", "-inform", "DER", "-in", list, "-CAfile", join(pki, "device-ca.pem"), "-noout"];
  execFileSync("openssl", judged, { stdio: ["ignore", "ignore", "pipe"] });

  const db = connectDb({ DATABASE_URL: database.applicationUrl, NEON_FETCH_ENDPOINT: `${database.doors}/sql` });
  const holder = organisationId.parse("lindenhof");
  const asking = async (work: () => Promise<unknown>) => {
    const each: number[] = [];
    for (let n = 0; n < 20; n++) each.push((await timed(work)).ms);
    return shown(each);
  };
  const handshake = async () => {
    const { serial } = devices[0] ?? { serial: "" };
    const headers = { authorization: `Bearer ${bindings.MEDIA_NODE_TOKEN}`, "content-type": "application/json" };
    const body = JSON.stringify({ serials: [serial] });
    await (await fetch(`${origin}/media-node/certificates`, { method: "POST", headers, body })).text();
  };
  const whole = signWhole(folder, pki, issued / 10);
  const met = quantile(seen, 0.95) <= expected;
  console.log(
    JSON.stringify(
      {
        bench: "certificates",
        issued,
        revoked: issued / 10,
        parts: parts.length,
        seenAfterApiCallMs: shown(seen),
        expectedMs: expected,
        met,
        octetsFetched: { median: median(octets), most: Math.max(...octets) },
        wholeListByOpenssl: { octets: whole.octets, signedInMs: Math.round(whole.seconds * 1000) },
        octetsRatio: Number((median(octets) / whole.octets).toFixed(5)),
        listSignedAndFetchedMs: shown(first.map(({ ms }) => ms)),
        listFetchedMs: shown(again.map(({ ms }) => ms)),
        handshakeLookUpMs: await asking(handshake),
        nextPartMs: await asking(() => crlPartFor(db, holder, issuerId)),
        listsDueMs: await asking(() => partsSignedBefore(db, [issuerId], Date.now() - 12 * 3_600_000)),
      },
      null,
      2,
    ),
  );
  process.exitCode = met ? 0 : 1;
} finally {
  await edge.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}
