/** Images as curl gets them: ranges, conditions, and a download that goes on after a cut. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { type Cloud, contents, publisher, publishFile, randomImage, startCloud } from "./cloud.ts";

const size = 9_000_001;
let cloud: Cloud;
let image: Buffer;
let file: string;
let hash: string;
/** By the command that published it. */
let said: string;

beforeAll(async () => {
  cloud = await startCloud();
  file = await randomImage(size);
  image = await contents(file);
  hash = createHash("sha256").update(image).digest("hex");
  said = await publishFile(cloud, file, 1);
});
afterAll(() => cloud.close());

/** What curl received: status, headers by lower-case name, body. */
function curl(...args: string[]) {
  const body = join(temporaryFolder("curl"), "body");
  const head = execFileSync("curl", ["-s", "-D", "-", "-o", body, ...args, address()], { encoding: "utf8" });
  const [first = "", ...lines] = head.trim().split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => line.split(/:\s*/, 2)).map(([k = "", v]) => [k.toLowerCase(), v]),
  );
  return {
    status: Number(first.split(" ")[1]),
    headers,
    body: existsSync(body) ? readFileSync(body) : Buffer.alloc(0),
  };
}
const address = () => `${cloud.origin}/firmware/images/${hash}`;

test("the command that publishes says how far it is, and what came of it", () => {
  const percents = [...said.matchAll(/^(\d+) % of 9\.0 MB$/gm)].map(([, percent]) => Number(percent));
  expect(percents.at(-1)).toBe(100);
  expect(said).toMatch(/^Release 1 for ID8 TD AA is published: 3 packets\.$/m);
});

test("the whole image is named by its contents and may be kept for ever", () => {
  const { status, headers, body } = curl();
  expect(status).toBe(200);
  expect(body.equals(image)).toBe(true);
  expect(headers).toMatchObject({ etag: `"${hash}"`, "accept-ranges": "bytes", "content-length": String(size) });
  expect(headers["cache-control"]).toContain("immutable");
});

test.each([
  ["0-0", 0, 1],
  ["4194304-8388607", 4_194_304, 8_388_608],
  ["9000000-", 9_000_000, size],
  ["-100", size - 100, size],
  ["8999000-99999999", 8_999_000, size],
])("the range %s is exactly those octets", (range, start, end) => {
  const { status, headers, body } = curl("-r", range);
  expect(status).toBe(206);
  expect(headers["content-range"]).toBe(`bytes ${start}-${end - 1}/${size}`);
  expect(body.equals(image.subarray(start, end))).toBe(true);
});

test("a range past the end is refused with the size there is", () => {
  const { status, headers } = curl("-r", `${size}-`);
  expect(status).toBe(416);
  expect(headers["content-range"]).toBe(`bytes */${size}`);
});

test("If-Range gives the part where the contents are the same, and else the whole", () => {
  expect(curl("-r", "5-9", "-H", `If-Range: "${hash}"`).body.equals(image.subarray(5, 10))).toBe(true);
  const other = curl("-r", "5-9", "-H", 'If-Range: "of before"');
  expect(other.status).toBe(200);
  expect(other.body.length).toBe(size);
});

test("who has it already is told so without a body, and who wants other contents too", () => {
  const same = curl("-H", `If-None-Match: "${hash}"`);
  expect([same.status, same.body.length]).toEqual([304, 0]);
  expect(curl("-H", 'If-Match: "of before"').status).toBe(412);
  const head = curl("-I");
  expect([head.status, head.headers["content-length"]]).toEqual([200, String(size)]);
});

test("curl goes on with a download that was cut", () => {
  const path = join(temporaryFolder("curl"), "image");
  writeFileSync(path, image);
  truncateSync(path, 3_333_333);
  execFileSync("curl", ["-s", "-f", "-C", "-", "-o", path, address()]);
  expect(readFileSync(path).equals(image)).toBe(true);
});

test("what is not published, or no name of ours, is not there", async () => {
  for (const path of [
    `images/${"0".repeat(64)}`,
    "images/abc",
    "metadata/root.json",
    "metadata/99.root.json",
    "targets/A/AA/1.json",
  ])
    expect((await fetch(`${cloud.origin}/firmware/${path}`, { headers: publisher })).status).toBe(404);
});

test("metadata is for who shows a certificate", async () => {
  expect((await fetch(`${cloud.origin}/firmware/metadata/timestamp.json`)).status).toBe(401);
});

test("nobody publishes without the token, and nothing that is published is written over", async () => {
  const at = `${cloud.origin}/firmware/metadata/1.root.json`;
  expect((await fetch(at, { method: "PUT", body: "{}" })).status).toBe(401);
  const headers = publisher;
  const before = await (await fetch(at, { headers })).text();
  const conditions: Record<string, string>[] = [{ "if-none-match": "*" }, { "if-match": '"x"' }, {}];
  for (const condition of conditions)
    expect((await fetch(at, { method: "PUT", body: "{}", headers: { ...headers, ...condition } })).status).toBe(412);
  expect(await (await fetch(at, { headers })).text()).toBe(before);
});

test("a release number is used once", async () => {
  await expect(publishFile(cloud, file, 1)).rejects.toThrow("needs a higher number");
});
