/** A station that gets its update over a bad line, and over being killed, from the real edge. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { startOf } from "#core/firmware/boot.ts";
import { release } from "#core/firmware/release.ts";
import { nodeDisk } from "../../station/disk.ts";
import { installFirst, readBoot, slotPath } from "../../station/firmware/slots.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type BadLine, openBadLine } from "./bad-line.ts";
import { type Cloud, plate, publishFile, randomImage, startCloud } from "./cloud.ts";

const size = 300_000_000;
const peak = z.object({ outcome: z.literal("installed"), peak: z.number() });
const progress = z.object({ phase: z.string(), received: z.number(), repeated: z.number() });

let cloud: Cloud;
let line: BadLine;
let large: string;
let root: string;

beforeAll(async () => {
  cloud = await startCloud();
  large = await randomImage(size);
  await publishFile(cloud, large, 2);
  root = join(temporaryFolder("factory"), "root.json");
  writeFileSync(root, await cloud.factoryRoot());
});
afterAll(async () => {
  line?.close();
  await cloud?.close();
});

const small = { model: "ET 962H", revision: "AD" };

/** A station as it leaves its factory, with release 1. */
function newStation(of: { model: string; revision: string } = plate): string {
  const folder = temporaryFolder("station");
  const first = Buffer.from("release 1");
  const about = { ...of, class: of === small ? "BF" : "MX", number: 1, securityFloor: 0, size: first.length };
  installFirst(nodeDisk, folder, release.parse(about), first);
  return folder;
}

/** Runs the station's process. `said` has what it said so far. */
function run(folder: string, of: { model: string; revision: string } = plate) {
  const about = { folder, origin: line.origin, ca: line.ca, factoryRoot: root, ...of };
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, "receiver.ts"), JSON.stringify(about)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const said: unknown[] = [];
  if (!child.stdout) throw new Error("it has no voice");
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (text) => said.push(JSON.parse(text)));
  return { child, said, lines, ended: once(child, "exit") };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

test("300 MB come through a line that cuts every connection and spoils packets, with 3 % more than the image at most", async () => {
  line = await openBadLine(cloud.port);
  const folder = newStation();
  const station = run(folder);
  await station.ended;
  const installed = station.said.find((one) => peak.safeParse(one).success);
  // Whatever the image's size: it is never held whole.
  expect(peak.parse(installed).peak).toBeLessThan((size * 2) / 3);
  expect(station.said.at(-1)).toEqual({ judged: "healthy" });
  expect(line.cuts).toBeGreaterThanOrEqual(55);
  expect(line.spoilt).toBe(1);
  expect(station.said.map((one) => progress.safeParse(one).data?.repeated ?? 0).reduce((a, b) => Math.max(a, b))).toBe(
    1,
  );
  expect(line.octets / size).toBeLessThanOrEqual(1.03);
  expect(await hashOf(slotPath(folder, "b"))).toBe(await hashOf(large));
});

test("a small station gets its 7 MB in the same way", async () => {
  const file = await randomImage(7_000_000);
  const { model, revision } = small;
  await cloud.firmware("publish", "--image", file, "--model", model, "--revision", revision, "--release", "2");
  const folder = newStation(small);
  const station = run(folder, small);
  await station.ended;
  expect(station.said.at(-1)).toEqual({ judged: "healthy" });
  expect(await hashOf(slotPath(folder, "b"))).toBe(await hashOf(file));
});

test("a station that is killed again and again always starts, and gets there", async () => {
  line.close();
  line = await openBadLine(cloud.port, { cutAfter: 1_000_000, spoil: 100 });
  await publishFile(cloud, await randomImage(40_000_000), 3);
  const folder = newStation();
  let killed = 0;
  // An image on trial gets two starts: it is spared.
  for (let n = 0; n < 6 && readBoot(nodeDisk, folder).trial === null; n++) {
    const station = run(folder);
    // Somewhere between its first octets and its being done.
    await Promise.race([once(station.lines, "line"), station.ended]);
    const kill = setTimeout(() => station.child.kill("SIGKILL"), 200 + Math.random() * 600);
    const [, signal] = await station.ended;
    if (signal === "SIGKILL") killed += 1;
    clearTimeout(kill);
    const { state, slot } = startOf(readBoot(nodeDisk, folder), () => true);
    expect(await hashOf(slotPath(folder, slot))).toBe(state.slots[slot]?.image);
  }
  expect(killed).toBeGreaterThan(0);
  const station = run(folder);
  await station.ended;
  const last = run(folder);
  await last.ended;
  expect(last.said[0]).toMatchObject({ started: 3 });
});
