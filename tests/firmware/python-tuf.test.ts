/** What we sign, as a TUF client that we did not write sees it: python-tuf, the reference implementation. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { metadataName } from "#core/firmware/addresses.ts";
import { manifest } from "#core/firmware/manifest.ts";
import { signedFile, signingKey, verifiedFile } from "#core/firmware/signing.ts";
import { day, newTimestamp, timestamp } from "#core/firmware/timestamp.ts";
import { testEdgeSettings } from "../support/edge-settings.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type BadLine, openBadLine } from "./bad-line.ts";
import { type Cloud, plate, publishFile, randomImage, startCloud } from "./cloud.ts";

const version = "7.0.1";
const binDir = process.env.SYMPHONY_BIN_DIR ?? fileURLToPath(new URL("../../.data/bin", import.meta.url));
const python = join(binDir, `python-tuf-${version}`, "bin", "python");
const run = promisify(execFile);

let cloud: Cloud;
let line: BadLine;
let root: string;
let image: string;

/** Once a machine: from PyPI. */
function installPythonTuf(): void {
  if (existsSync(python)) return;
  const folder = join(binDir, `python-tuf-${version}`);
  execFileSync("python3", ["-m", "venv", "--clear", folder]);
  const packages = [`tuf==${version}`, "securesystemslib[crypto]==1.6.0"];
  execFileSync(join(folder, "bin", "pip"), ["install", "--quiet", ...packages], { stdio: "inherit" });
}

beforeAll(async () => {
  installPythonTuf();
  cloud = await startCloud();
  image = await randomImage(5_000_000);
  await publishFile(cloud, image, 1);
  line = await openBadLine(cloud.port);
  root = join(temporaryFolder("factory"), "root.json");
  writeFileSync(root, await cloud.factoryRoot());
});
afterAll(async () => {
  line?.close();
  await cloud?.close();
});

/** What the client in that folder says. */
async function ask(folder: string, target: string): Promise<string> {
  const certificates = join(folder, "ca.pem");
  writeFileSync(certificates, line.ca);
  const args = [fileURLToPath(new URL("client.py", import.meta.url)), folder, line.origin, target, root];
  return (await run(python, args, { env: { ...process.env, SSL_CERT_FILE: certificates } })).stdout.trim();
}
const newClient = () => temporaryFolder("tuf");
const bucket = () => cloud.miniflare.getR2Bucket("FIRMWARE");
async function read(name: string): Promise<string> {
  const found = await (await bucket()).get(name);
  if (!found) throw new Error(`${name} is missing`);
  return found.text();
}
const put = async (name: string, text: string) => void (await (await bucket()).put(name, text));
const numberIn = (text: string) => manifest.parse(JSON.parse(text)).release.number;

test("it finds the release for its model and revision, and none for another's", async () => {
  const client = newClient();
  expect(manifest.parse(JSON.parse(await ask(client, "ID8_TD/AA/1.json")))).toMatchObject({
    release: { model: "ID8 TD", revision: "AA", number: 1, size: 5_000_000 },
    packets: expect.arrayContaining([expect.stringMatching(/^[0-9a-f]{64}$/)]),
  });
  expect(await ask(client, "ID5_TD/AA/1.json")).toBe("no such target");
  expect(await ask(client, "ID8_TD/AB/1.json")).toBe("no such target");
});

test("it refuses a timestamp of before, and one that was frozen", async () => {
  const client = newClient();
  const before = await read(metadataName.timestamp);
  await publishFile(cloud, image, 2);
  const now = await read(metadataName.timestamp);
  expect(numberIn(await ask(client, "ID8_TD/AA/2.json"))).toBe(2);
  await put(metadataName.timestamp, before);
  expect(await ask(client, "ID8_TD/AA/2.json")).toBe("BadVersionNumberError");

  const { FIRMWARE_TIMESTAMP_KEY = "" } = testEdgeSettings({ port: 1, dataDir: "" }).bindings;
  const key = await signingKey(FIRMWARE_TIMESTAMP_KEY);
  const current = await verifiedFile(now, key, timestamp);
  const frozen = newTimestamp(current.version, current.meta["snapshot.json"], Date.now() - 4 * day);
  await put(metadataName.timestamp, await signedFile(frozen, [key]));
  expect(await ask(newClient(), "ID8_TD/AA/2.json")).toBe("ExpiredMetadataError");
  await put(metadataName.timestamp, now);
});

test("it starts from a truncated state", async () => {
  for (const name of ["root", "timestamp", "snapshot", "targets"]) {
    const client = newClient();
    await ask(client, "ID8_TD/AA/2.json");
    truncateSync(join(client, `${name}.json`), 50);
    expect(numberIn(await ask(client, "ID8_TD/AA/2.json"))).toBe(2);
  }
});

test("it walks through every root there was, and does not skip one", async () => {
  const old = newClient();
  await ask(old, "ID8_TD/AA/2.json");
  for (const role of ["targets", "root", "snapshot"]) await cloud.firmware("rotate", "--role", role);
  await publishFile(cloud, image, 3);
  expect(numberIn(await ask(old, "ID8_TD/AA/3.json"))).toBe(3);
  expect(numberIn(await ask(newClient(), "ID8_TD/AA/3.json"))).toBe(3);
  const second = await read(metadataName.root(2));
  await put(metadataName.root(2), await read(metadataName.root(3)));
  expect(await ask(newClient(), "ID8_TD/AA/3.json")).toBe("BadVersionNumberError");
  await put(metadataName.root(2), second);
});

test("it sees what a release mends, and old contents under a higher number", async () => {
  const about = ["--critical", "--note", "mends a certificate check"];
  await publishFile(cloud, await randomImage(3_000_000), 4, ...about);
  const mended = manifest.parse(JSON.parse(await ask(newClient(), "ID8_TD/AA/4.json")));
  expect(mended.release).toMatchObject({ number: 4, critical: true, note: "mends a certificate check" });
  const ofPlate = ["--model", plate.model, "--revision", plate.revision];
  expect(await cloud.firmware("publish", "--again", "1", ...ofPlate, "--release", "5")).toContain("what release 1 was");
  const [first, fifth] = await Promise.all(
    [1, 5].map(async (n) => manifest.parse(JSON.parse(await ask(newClient(), `ID8_TD/AA/${n}.json`)))),
  );
  expect(fifth).toEqual({ ...first, release: { ...first?.release, number: 5 } });
  await publishFile(cloud, image, 6, "--security-floor", "5");
  const back = cloud.firmware("publish", "--again", "4", ...ofPlate, "--release", "7");
  await expect(back).rejects.toThrow("below the security floor");
});
