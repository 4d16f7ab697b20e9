/** The station's clock against our time server, and against one that lies. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerTo, type ServerClock } from "#core/messages/ntp.ts";
import { startNtp } from "#media-nodes/ntp/server.ts";
import { temporaryFolder } from "../../tests/support/folder.ts";
import type { StationEvent } from "../events.ts";
import { askTime, KissOfDeath } from "./ask-time.ts";
import { built, openClock, type StationClock } from "./clock.ts";
import { putRight } from "./keep-time.ts";

const day = 86_400_000;
const synchronised: ServerClock = { stratum: 4, reference: Buffer.from([127, 0, 0, 1]), dispersion: 0.05 };

let path: string;
let told: StationEvent[];
beforeEach(() => {
  path = join(temporaryFolder("clock"), "station", "clock.json");
  told = [];
});
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function ourServer() {
  const server = await startNtp({ host: "127.0.0.1", port: 0, clock: synchronised });
  closing.push(() => server.close());
  return { host: "127.0.0.1", port: server.port };
}

/** A server that answers as it likes. */
async function served(answers: (question: Buffer) => (Uint8Array | undefined)[]) {
  const socket = createSocket("udp4");
  socket.on("message", (question, { address, port }) => {
    for (const answer of answers(question)) if (answer) socket.send(answer, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  closing.push(() => socket.close());
  return { host: "127.0.0.1", port: socket.address().port };
}

/** One that goes wrong by so many milliseconds. */
const liar = (off: number) =>
  served((question) => [answerTo(question, synchronised, Date.now() + off, () => Date.now() + off)]);

const ask = (clock: StationClock, server: { host: string; port: number }, witness?: number) =>
  putRight({ clock, server, witness: async () => witness, report: (event) => told.push(event) });

const offBy = (clock: StationClock) => Math.abs(clock.now() - Date.now());
const without = { hardware: () => 0 };

test("a station without power until now begins on the day it was built, and is right once our server and the cloud agree", async () => {
  const clock = openClock(path, without);
  expect(clock.now() - built).toBeLessThan(1000);
  expect(await ask(clock, await ourServer(), Date.now() + 800)).toBe("ordinary");
  expect(offBy(clock)).toBeLessThan(50);
  expect(told).toEqual([{ event: "time", off: expect.any(Number) }]);
});

test("what it knew outlasts a power cut, and is where it goes on", async () => {
  await ask(openClock(path, without), await ourServer(), Date.now());
  const again = openClock(path, without);
  expect(offBy(again)).toBeLessThan(1000);
  expect(await ask(again, await liar(-30 * day), Date.now() - 30 * day)).toBe("soon");
  expect(offBy(again)).toBeLessThan(1000);
  expect(told.at(-1)).toMatchObject({ event: "time-refused", why: "before-known-time" });
});

test("a server that would move it beyond a certificate's end is not believed, while the cloud says otherwise or nothing", async () => {
  const server = await liar(100 * day);
  const clock = openClock(path);
  for (const witness of [Date.now(), undefined]) {
    expect(await ask(clock, server, witness)).toBe("soon");
    expect(told.at(-1)).toMatchObject({ event: "time-refused", why: "not-witnessed", offered: expect.any(Number) });
  }
  expect(offBy(clock)).toBeLessThan(50);
  expect(offBy(openClock(path, without))).toBeGreaterThan(day);
});

test("a server that pushes it a little at every question gets it no further than a minute", async () => {
  let off = 0;
  const server = await served((question) => {
    off += 50_000;
    return [answerTo(question, synchronised, Date.now() + off, () => Date.now() + off)];
  });
  const clock = openClock(path);
  for (let times = 0; times < 4; times++) await ask(clock, server, Date.now());
  expect(offBy(clock)).toBeLessThanOrEqual(60_000);
  expect(told.map(({ event }) => event)).toEqual(["time", "time-refused", "time-refused", "time-refused"]);
});

test("an answer to another question is none", async () => {
  let before: Buffer = Buffer.alloc(48);
  const late = await served((question) => {
    const stale = Buffer.from(before);
    before = question;
    return [answerTo(stale, synchronised, Date.now() + 5_000, () => Date.now() + 5_000)];
  });
  const clock = openClock(path);
  await expect(askTime(late, clock.now(), 200)).rejects.toThrow("no answer");
  await expect(askTime(late, clock.now(), 200)).rejects.toThrow("no answer");
  const mixed = await served((question) => [
    answerTo(Buffer.from(before), synchronised, 0, () => 0),
    answerTo(question, synchronised, Date.now(), Date.now),
  ]);
  expect(await ask(clock, mixed)).toBe("ordinary");
  expect(offBy(clock)).toBeLessThan(50);
});

test.each([
  ["DENY", "never"],
  ["RSTR", "never"],
  ["RATE", "ordinary"],
])("a kiss of death (%s) is heeded, and sets nothing", async (code, again) => {
  const kiss: ServerClock = { stratum: 0, reference: Buffer.from(code), dispersion: 0 };
  const server = await served((question) => [answerTo(question, kiss, Date.now() + day, () => Date.now() + day)]);
  const clock = openClock(path);
  expect(await ask(clock, server, Date.now() + day)).toBe(again);
  expect(offBy(clock)).toBeLessThan(50);
  expect(told).toEqual([{ event: "time-away", reason: new KissOfDeath(code).message }]);
});

test("a server whose own clock is not set is not asked what time it is", async () => {
  const server = await served((question) => {
    const answer = answerTo(question, synchronised, Date.now(), Date.now);
    if (answer) answer[0] = (answer[0] ?? 0) | 0b1100_0000;
    return [answer];
  });
  expect(await ask(openClock(path), server)).toBe("soon");
  expect(told).toEqual([{ event: "time-away", reason: "its clock is not set" }]);
});

test("a server that is not there, or not known by that name, is asked again soon", async () => {
  const clock = openClock(path);
  for (const host of ["127.0.0.1", "nobody.invalid"]) expect(await ask(clock, { host, port: 1 })).toBe("soon");
  expect(told.map(({ event }) => event)).toEqual(["time-away", "time-away"]);
});

test("the count of NTP beginning anew in 2036 makes no difference", async () => {
  const later = Date.UTC(2036, 1, 8);
  const server = await served((question) => [answerTo(question, synchronised, later, () => later)]);
  expect((await askTime(server, later - 10 * 365 * day))() - later).toBeLessThan(1000);
});
