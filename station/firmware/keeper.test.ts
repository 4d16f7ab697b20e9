/** A station's firmware while it runs, against releases signed by the real publisher. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Up } from "#core/messages/device.ts";
import { openClient } from "./http.ts";
import { newImage } from "./image.ts";
import { type FirmwareOptions, startFirmware } from "./keeper.ts";
import { installFirst } from "./slots.ts";
import { type FragileDisk, fragileDisk } from "./testing/fragile-disk.ts";
import { plate, type Releases, serveReleases } from "./testing/releases.ts";

const folder = "/firmware";
let releases: Releases;
let disk: FragileDisk;

beforeEach(async () => {
  releases = await serveReleases();
  disk = fragileDisk();
  installFirst(disk, folder, plate, newImage("1.0"));
});
afterEach(() => releases.close());

/** Starts the station; `restarted` resolves when it wants to start anew, `said` when it says something that fits. */
async function start(more: Partial<FirmwareOptions> = {}) {
  const heard: Up<"progress">[] = [];
  const waiting = new Set<() => void>();
  const restart = Promise.withResolvers<void>();
  const firmware = await startFirmware({
    disk,
    folder,
    plate,
    factoryRoot: async () => releases.factoryRoot,
    source: () => ({
      client: openClient(undefined, 4),
      metadata: `${releases.origin}/metadata`,
      content: releases.origin,
    }),
    say(progress) {
      heard.push(progress);
      for (const look of waiting) look();
    },
    now: Date.now,
    restart: restart.resolve,
    ...more,
  });
  const said = (phase: Up<"progress">["phase"]) =>
    new Promise<Up<"progress">>((resolve) => {
      const look = () => {
        const found = heard.find((one) => one.phase === phase);
        if (found) resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { firmware, heard, said, restarted: restart.promise };
}

test("a release is fetched beside a call only once that is over, and then the station starts it", async () => {
  await releases.publish(newImage("2.0"), { number: 2 });
  const { firmware, said, restarted } = await start();
  firmware.busy(true);
  firmware.fetch();
  expect(await said("loading")).toMatchObject({ release: 2, received: 0 });
  expect(releases.asked.filter((path) => path.includes("images"))).toEqual([]);
  firmware.busy(false);
  await restarted;

  const after = await start();
  expect(after.firmware).toMatchObject({ name: "2.0", mode: "trial", release: { number: 2, belowFloor: false } });
  await after.firmware.judge(async () => true);
  expect(await after.said("healthy")).toMatchObject({ release: 2 });
  expect((await start()).firmware).toMatchObject({ name: "2.0", mode: "normal" });
});

test("what holds nothing that runs is given up for the release before, and that is said once", async () => {
  await releases.publish(new Uint8Array(5_000), { number: 2 });
  const { firmware, restarted } = await start();
  firmware.fetch();
  await restarted;
  for (let tries = 0; tries < 2; tries++) {
    const trial = await start();
    expect(trial.firmware).toMatchObject({ name: undefined, mode: "trial" });
    void trial.firmware.judge(async () => true);
    await trial.restarted;
  }
  const back = await start();
  expect(back.firmware).toMatchObject({ name: "1.0", mode: "fallen-back", release: { number: 1 } });
  back.firmware.sayOutcome();
  back.firmware.sayOutcome();
  expect(back.heard).toMatchObject([{ release: 2, phase: "fell-back" }]);
});

/** Nightly from 02:00 to 05:00. */
const nightly = {
  windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 120, length: 180 }],
  timeZone: "Europe/Vienna",
};

/** A clock that goes on only when it is told to. */
function handClock(from: string) {
  let at = Date.parse(from);
  const pauses: { until: number; resolve(): void }[] = [];
  const due = () => {
    for (const one of pauses.filter(({ until }) => until <= at)) one.resolve();
  };
  return {
    now: () => at,
    pause: (time: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        pauses.push({ until: at + time, resolve });
        signal.addEventListener("abort", () => resolve(), { once: true });
        due();
      }),
    goTo(moment: string) {
      at = Date.parse(moment);
      due();
    },
  };
}

test("a release that was fetched by day is started in the site's night, and the station says that it waits", async () => {
  await releases.publish(newImage("2.0"), { number: 2 });
  const clock = handClock("2026-11-27T12:00:00Z");
  const { firmware, heard, said, restarted } = await start(clock);
  firmware.fetch(2, nightly);
  const { release, received, size } = await said("waiting");
  expect({ release, received }).toEqual({ release: 2, received: size });
  clock.goTo("2026-11-27T13:00:00Z");
  await vi.waitFor(() => expect(heard.filter(({ phase }) => phase === "waiting")).toHaveLength(2));
  expect(heard.map(({ phase }) => phase)).not.toContain("installed");
  clock.goTo("2026-11-28T01:00:00Z");
  await restarted;
  expect((await start()).firmware).toMatchObject({ name: "2.0", mode: "trial" });
});

test("a power cut while it waits starts what ran before, and it goes on waiting without a further octet", async () => {
  await releases.publish(newImage("2.0"), { number: 2 });
  const clock = handClock("2026-11-27T12:00:00Z");
  const first = await start(clock);
  first.firmware.fetch(2, nightly);
  await first.said("waiting");
  releases.asked.length = 0;
  const after = await start(clock);
  expect(after.firmware).toMatchObject({ name: "1.0", mode: "normal" });
  await after.said("waiting");
  expect(releases.asked.filter((path) => path.includes("images"))).toEqual([]);
  clock.goTo("2026-11-28T01:00:00Z");
  await after.restarted;
});

test("what waits for its hours gives way to who asks for it at once, and to another release", async () => {
  await releases.publish(newImage("2.0"), { number: 2 });
  const clock = handClock("2026-11-27T12:00:00Z");
  const { firmware, said, restarted } = await start(clock);
  firmware.fetch(2, nightly);
  await said("waiting");
  await releases.publish(newImage("3.0"), { number: 3 });
  firmware.fetch();
  await restarted;
  expect((await start()).firmware).toMatchObject({ name: "3.0", mode: "trial" });
});

test("an update that a power cut ended goes on by itself", async () => {
  await releases.publish(newImage("2.0"), { number: 2 });
  const { firmware, said } = await start();
  firmware.busy(true);
  firmware.fetch(2);
  await said("loading");
  const { restarted } = await start();
  await restarted;
  expect((await start()).firmware.name).toBe("2.0");
});

test("a station whose release fell below the floor says so, and fetches what is newer", async () => {
  await releases.publish(new Uint8Array(5_000), { number: 2, securityFloor: 2 });
  const { firmware, restarted } = await start();
  firmware.fetch();
  await restarted;
  for (let tries = 0; tries < 2; tries++) {
    const trial = await start();
    void trial.firmware.judge(async () => false);
    await trial.restarted;
  }
  await releases.publish(newImage("3.0"), { number: 3, securityFloor: 2 });
  const below = await start();
  expect(below.firmware).toMatchObject({ mode: "below-floor", release: { number: 1, belowFloor: true } });
  await below.restarted;
  expect((await start()).firmware).toMatchObject({ name: "3.0", release: { number: 3, belowFloor: false } });
});

test("where no release was ever signed there is nothing to fetch, and nothing failed", async () => {
  let asked = 0;
  const { firmware, heard } = await start({
    async factoryRoot() {
      asked++;
      return undefined;
    },
  });
  // It asks again once the first attempt is over.
  await vi.waitFor(() => {
    firmware.fetch();
    expect(asked).toBe(2);
  });
  expect(heard).toEqual([]);
});
