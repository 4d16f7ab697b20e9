/** Releases put into a bucket elsewhere, by the real command over S3, as a deployment's are. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { type S3Server, startS3Server } from "../support/s3-server.ts";
import { plate, randomImage } from "./cloud.ts";

const size = 20_000_001;
const program = join(import.meta.dirname, "../../firmware-cdn/main.ts");
const keys = temporaryFolder("publisher");
const timestampKey = randomBytes(32).toString("base64url");
let server: S3Server;
let client: S3Client;
let image: string;

beforeAll(async () => {
  [server, image] = await Promise.all([startS3Server(), randomImage(size)]);
  const { endpoint, region, ...credentials } = server;
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
});
afterAll(() => server?.stop());

const words = (file: string, release: number) => [
  ...[program, "publish", "--image", file, "--model", plate.model, "--revision", plate.revision],
  ...["--release", String(release)],
];

const settings = (different: Record<string, string> = {}) => ({
  PATH: process.env.PATH,
  DATA_DIR: keys,
  FIRMWARE_TOKEN: "a-firmware-token-that-nobody-asks-for-here",
  FIRMWARE_TIMESTAMP_KEY: timestampKey,
  FIRMWARE_BUCKET: server.bucket,
  FIRMWARE_S3_ENDPOINT: server.endpoint,
  AWS_REGION: server.region,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  ...different,
});

/** @returns what it printed; rejects with what it complained of */
async function publish(file: string, release: number, different?: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, words(file, release), { env: settings(different) });
  return stdout;
}

async function objects(under: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: server.bucket, Prefix: under }));
  return Contents.map(({ Key = "" }) => Key);
}

/** Uploads that were begun and not ended. */
async function unfinished(): Promise<number> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: server.bucket }));
  return Uploads.length;
}

test("an image goes there in parts, says how far it is, and lies there octet for octet, to be kept for ever", async () => {
  const said = await publish(image, 1);
  const percents = [...said.matchAll(/^(\d+) % of 20\.0 MB$/gm)].map(([, percent]) => Number(percent));
  expect(percents).toEqual([41, 83, 100]);
  expect(said).toMatch(/^Release 1 for ID8 TD AA is published: 5 packets\.$/m);
  const [name] = await objects("images/");
  const found = await client.send(new GetObjectCommand({ Bucket: server.bucket, Key: name }));
  expect(found.CacheControl).toContain("immutable");
  expect(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(readFileSync(image))).toBe(true);
  expect((await objects("metadata/")).sort()).toEqual(
    ["1.root.json", "1.snapshot.json", "1.targets.json", "timestamp.json"].map((file) => `metadata/${file}`),
  );
});

test("a publisher that is killed half-way leaves nothing to be seen; the next one leaves no part of it, and publishes", async () => {
  const large = await randomImage(1_000_000);
  truncateSync(large, 200_000_000);
  const before = await objects("");
  const killed: ChildProcess = spawn(process.execPath, words(large, 2), {
    env: settings(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (!killed.stdout) throw new Error("nothing is read of it");
  const ended = once(killed, "exit");
  createInterface({ input: killed.stdout }).once("line", () => killed.kill("SIGKILL"));
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(await objects("")).toEqual(before);
  expect(await unfinished()).toBe(1);

  expect(await publish(large, 2)).toMatch(/^Release 2 for ID8 TD AA is published/m);
  expect(await unfinished()).toBe(0);
  expect((await objects("images/")).length).toBe(2);
});

test("two who publish at once don't write over each other: who is late is told, and runs it again", async () => {
  const outcomes = await Promise.allSettled([3, 3].map((release) => publish(image, release)));
  const late = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason.stderr] : []));
  expect(late.length).toBe(1);
  expect(late[0]).toMatch(/was written by someone else meanwhile|needs a higher number/);
  await expect(publish(image, 4)).resolves.toMatch(/^Release 4 /m);
});

test.each([
  ["a wrong key", { AWS_SECRET_ACCESS_KEY: "guessed" }, /signature/],
  ["a bucket that is not there", { FIRMWARE_BUCKET: "another" }, /^The specified bucket does not exist\.$/],
  ["a server that is not there", { FIRMWARE_S3_ENDPOINT: "http://127.0.0.1:9" }, /ECONNREFUSED/],
])("%s is told in a sentence, and nothing is published", async (_, different, sentence) => {
  const complaint = await publish(image, 9, different).then(
    () => "",
    ({ stderr }) => String(stderr).trim(),
  );
  expect(complaint).toMatch(sentence);
  expect(complaint.split("\n")).toHaveLength(1);
  await expect(publish(image, 4)).rejects.toThrow("needs a higher number");
});
