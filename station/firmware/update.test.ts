import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { numberOf } from "#core/firmware/boot.ts";
import { day } from "#core/firmware/timestamp.ts";
import { openGate } from "./gate.ts";
import { type Client, openClient } from "./http.ts";
import { connections } from "./receive.ts";
import { boot, hashOnDisk, installFirst, judge, readBoot, slotPath } from "./slots.ts";
import { type FragileDisk, fates, fragileDisk } from "./testing/fragile-disk.ts";
import { plate, type Releases, serveReleases } from "./testing/releases.ts";
import { type UpdateOutcome, type Updating, update } from "./update.ts";

const folder = "/firmware";
const image = (seed: number) => new Uint8Array(40_000).fill(seed);
const well = async () => true;

let releases: Releases;
let client: Client;
let disk: FragileDisk;

beforeEach(async () => {
  releases = await serveReleases();
  client = openClient(undefined, 4);
  disk = fragileDisk();
  installFirst(disk, folder, plate, image(1));
});
afterEach(() => {
  client.close();
  releases.close();
});

const updateOf = (of: FragileDisk, more: Partial<Updating> = {}): Promise<UpdateOutcome> =>
  update({
    disk: of,
    folder,
    plate,
    factoryRoot: releases.factoryRoot,
    source: { client, metadata: `${releases.origin}/metadata`, content: releases.origin },
    now: Date.now,
    gate: openGate(),
    onProgress: () => undefined,
    ...more,
  });

/** Starts the station as its boot loader does. @returns the number that starts, which must be whole */
async function startedRelease(of: FragileDisk): Promise<number> {
  const { slot, state } = await boot(of, folder);
  const held = state.slots[slot];
  if (!held) throw new Error("an empty slot was started");
  const file = of.open(slotPath(folder, slot), "read");
  expect(await hashOnDisk(of, file, 0, held.release.size)).toBe(held.image);
  return held.release.number;
}

test("a release is fetched, tried and kept", async () => {
  await releases.publish(image(2), { number: 2 });
  const progress = vi.fn();
  expect(await updateOf(disk, { onProgress: progress })).toMatchObject({
    outcome: "installed",
    release: { number: 2 },
  });
  expect(progress).toHaveBeenLastCalledWith({
    release: 2,
    phase: "checking",
    received: 40_000,
    size: 40_000,
    repeated: 0,
  });
  expect(await startedRelease(disk)).toBe(2);
  expect(await judge(disk, folder, well, 1000)).toBe("healthy");
  expect(numberOf(readBoot(disk, folder))).toBe(2);
  expect(await updateOf(disk)).toEqual({ outcome: "nothing-newer" });
});

test("packets are fetched several at a time, and not all at once", async () => {
  const packets = 10;
  await releases.publish(new Uint8Array(packets * 16_000).fill(2), { number: 2 });
  client = openClient(undefined, packets);
  const held: ServerResponse[] = [];
  let hold = true;
  releases.mischief = (path, response) => {
    if (!hold || !path.startsWith("images/")) return false;
    held.push(response);
    return true;
  };
  const updating = updateOf(disk);
  await vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(connections));
  hold = false;
  expect(connections).toBeGreaterThan(1);
  expect(held.length).toBe(connections);
  for (const response of held) response.writeHead(503).end();
  expect(await updating).toMatchObject({ outcome: "installed" });
});

test("a release that is not healthy, or says nothing, falls back and is not tried again", async () => {
  await releases.publish(image(2), { number: 2 });
  await updateOf(disk);
  expect(await startedRelease(disk)).toBe(2);
  expect(await judge(disk, folder, async () => false, 1000)).toBe("restart");
  expect(await startedRelease(disk)).toBe(2);
  expect(await judge(disk, folder, () => new Promise(() => undefined), 20)).toBe("restart");
  expect(await startedRelease(disk)).toBe(1);
  expect(await updateOf(disk)).toMatchObject({ outcome: "refused", refusal: "failed-before" });
});

test("whatever write the power is cut at, and whatever becomes of what was not synced, the station starts and gets its update", async () => {
  await releases.publish(image(2), { number: 2 });
  const wholeWay = async (of: FragileDisk) => {
    await updateOf(of);
    await boot(of, folder);
    await judge(of, folder, well, 1000);
  };
  let cuts = 0;
  for (const fate of fates) {
    for (let n = 0; ; n++) {
      const fragile = fragileDisk();
      installFirst(fragile, folder, plate, image(1));
      fragile.cutAfter(n);
      await wholeWay(fragile).catch(() => undefined);
      if (!fragile.isCut) break;
      cuts += 1;
      fragile.restart(fate);
      expect([1, 2]).toContain(await startedRelease(fragile));
      expect(await judge(fragile, folder, well, 1000)).toBe("healthy");
      await wholeWay(fragile);
      expect(await startedRelease(fragile)).toBe(2);
      expect(readBoot(fragile, folder).trial).toBeNull();
    }
  }
  expect(cuts).toBeGreaterThan(100);
});

test("packets that are damaged every time end the attempt, and nothing is installed", async () => {
  await releases.publish(image(2), { number: 2 });
  for (const [name, octets] of releases.objects) if (name.startsWith("images/")) octets[20_000] = 9;
  expect(await updateOf(disk)).toEqual({ outcome: "failed", reason: "damaged-every-time" });
  expect(await startedRelease(disk)).toBe(1);
});

test("a manifest that is not the signed one is never followed", async () => {
  await releases.publish(image(2), { number: 2 });
  for (const [name, octets] of releases.objects) if (name.startsWith("targets/")) octets[octets.length - 5] = 0x30;
  expect(await updateOf(disk)).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("not what was signed"),
  });
  expect(releases.asked.some((path) => path.startsWith("images/"))).toBe(false);
});

test("releases for other hardware, and older ones, are never installed, though they are signed", async () => {
  await releases.publish(image(3), { number: 7, model: "ID5 TD" });
  await releases.publish(image(2), { number: 2 });
  await releases.publish(image(3), { number: 3 });
  expect(await updateOf(disk, { wanted: 7 })).toEqual({ outcome: "nothing-newer" });
  await updateOf(disk);
  await boot(disk, folder);
  await judge(disk, folder, well, 1000);
  expect(await updateOf(disk, { wanted: 2 })).toEqual({ outcome: "nothing-newer" });
  expect(numberOf(readBoot(disk, folder))).toBe(3);
});

test("metadata of before is refused, and so is a timestamp that was frozen", async () => {
  await releases.publish(image(2), { number: 2 });
  const before = releases.objects.get("metadata/timestamp.json") ?? new Uint8Array();
  await releases.publish(image(3), { number: 3 });
  await updateOf(disk);
  releases.objects.set("metadata/timestamp.json", before);
  expect(await updateOf(disk)).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("less than current"),
  });
  const fresh = fragileDisk();
  installFirst(fresh, folder, plate, image(1));
  await releases.publish(image(4), { number: 4 }, Date.now() - 4 * day);
  expect(await updateOf(fresh)).toMatchObject({ outcome: "failed", reason: expect.stringContaining("expired") });
});

test("what has expired by the station's own clock is refused, and what has not is taken", async () => {
  await releases.publish(image(2), { number: 2 });
  const expired = { outcome: "failed", reason: expect.stringContaining("expired") };
  expect(await updateOf(disk, { now: () => Date.now() + 400 * day })).toMatchObject(expired);
  expect(await updateOf(disk)).toMatchObject({ outcome: "installed" });
});

test("a station that slept through changes of every key walks from root to root", async () => {
  for (const role of ["targets", "root", "snapshot", "root"] as const) await releases.rotate(role);
  await releases.publish(image(2), { number: 2 });
  expect(await updateOf(disk)).toMatchObject({ outcome: "installed" });
  releases.objects.delete("metadata/3.root.json");
  const other = fragileDisk();
  installFirst(other, folder, plate, image(1));
  expect(await updateOf(other)).toMatchObject({ outcome: "failed" });
});

test.each(["root", "timestamp", "snapshot", "targets"])(
  "a truncated %s.json on the disk stops nothing",
  async (name) => {
    await releases.publish(image(2), { number: 2 });
    await updateOf(disk);
    const path = `${folder}/metadata/${name}.json`;
    const octets = disk.readAll(path) ?? new Uint8Array();
    const file = disk.open(path, "new");
    disk.write(file, octets.subarray(0, 100), 0);
    await boot(disk, folder);
    await judge(disk, folder, well, 1000);
    await releases.publish(image(3), { number: 3 });
    expect(await updateOf(disk)).toMatchObject({ outcome: "installed", release: { number: 3 } });
  },
);

test("a 4xx ends the attempt at once, a 5xx is asked again", async () => {
  await releases.publish(image(2), { number: 2 });
  const answering = (status: number, times: number) => {
    releases.mischief = (path, response) => {
      if (!path.startsWith("images/") || times-- <= 0) return false;
      response.writeHead(status).end();
      return true;
    };
  };
  answering(410, 100);
  expect(await updateOf(disk)).toEqual({ outcome: "failed", reason: "refused-410" });
  expect(releases.asked.filter((path) => path.startsWith("images/")).length).toBeLessThanOrEqual(4);
  answering(503, 2);
  expect(await updateOf(disk)).toMatchObject({ outcome: "installed" });
});

test("only what is missing is asked for again after the attempt was cut off", async () => {
  await releases.publish(new Uint8Array(randomBytes(200_000)), { number: 2 });
  const forImage = () => releases.asked.filter((path) => path.startsWith("images/")).length;
  releases.mischief = (_path, response) => {
    if (forImage() <= 8) return false;
    response.writeHead(404).end();
    return true;
  };
  expect(await updateOf(disk)).toEqual({ outcome: "failed", reason: "refused-404" });
  const before = forImage();
  releases.mischief = () => false;
  expect(await updateOf(disk)).toMatchObject({ outcome: "installed" });
  // 13 packets, of which 8 had come.
  expect(forImage() - before).toBe(5);
});

test("while a call is on nothing is fetched; afterwards it goes on", async () => {
  await releases.publish(image(2), { number: 2 });
  const gate = openGate();
  gate.close();
  const updated = updateOf(disk, { gate });
  await vi.waitFor(() => expect(releases.asked.some((path) => path.startsWith("targets/"))).toBe(true));
  await new Promise(setImmediate);
  expect(releases.asked.some((path) => path.startsWith("images/"))).toBe(false);
  gate.open();
  expect(await updated).toMatchObject({ outcome: "installed" });
});
