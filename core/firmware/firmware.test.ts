import { expect, test } from "vitest";
import { hardwareRevision } from "../device/revision.ts";
import { type BootState, emptied, fromFactory, healthy, startOf, withTrial } from "./boot.ts";
import { type Manifest, manifest } from "./manifest.ts";
import { missingOf, missingPackets, reactTo, receivedOctets } from "./plan.ts";
import { type Release, refusalOf, release, releaseFor, sha256, targetOf } from "./release.ts";

const digest = (letter: string) => sha256.parse(letter.repeat(64));
const AA = hardwareRevision.parse("AA");
const numbered = (number: number, more: Partial<Release> = {}): Release =>
  release.parse({ model: "ID8 TD", revision: AA, class: "MX", number, securityFloor: 0, size: 10_000, ...more });
const image = (number: number, securityFloor = 0) => ({
  release: numbered(number, { securityFloor }),
  image: digest(String(number)),
});
const plate = { model: "ID8 TD", revision: AA };

const tenThousand: Manifest = manifest.parse({
  format: 1,
  release: numbered(2),
  image: digest("f"),
  packetSize: 4096,
  packets: ["a", "b", "c"].map(digest),
});

test("a manifest names as many packets as its image has", () => {
  expect(manifest.safeParse({ ...tenThousand, packets: [digest("a")] }).success).toBe(false);
});

test("a release below its own security floor is none", () => {
  expect(release.safeParse({ ...numbered(3), securityFloor: 4 }).success).toBe(false);
});

test.each([
  [numbered(3), undefined],
  [numbered(3, { model: "ID5 TD" }), "wrong-model"],
  [numbered(3, { revision: hardwareRevision.parse("AB") }), "wrong-revision"],
  [numbered(2), "not-newer"],
  [numbered(1), "not-newer"],
  [numbered(4), "below-floor"],
  [numbered(7), "failed-before"],
] as const)("of releases offered to a device, %o is answered with %s", (offered, refusal) => {
  const floor = offered.number === 4 ? 5 : 0;
  expect(refusalOf(offered, plate, { installed: 2, floor, failed: 7 })).toBe(refusal);
});

test("the newest release is found for its hardware alone, unless a certain one is wanted", () => {
  const all = [numbered(2), numbered(5), numbered(9, { model: "ID5 TD" }), numbered(3)];
  expect(releaseFor(all, plate)?.number).toBe(5);
  expect(releaseFor(all, plate, 3)?.number).toBe(3);
  expect(releaseFor(all, plate, 9)).toBeUndefined();
  expect(targetOf(numbered(5))).toBe("ID8_TD/AA/5.json");
});

test("a packet goes on where its connection broke, and begun packets come first", () => {
  const received = [4096, 0, 100];
  expect(missingOf(tenThousand, received, 0)).toBeUndefined();
  expect(missingOf(tenThousand, received, 1)).toEqual({ packet: 1, start: 4096, end: 8192 });
  expect(missingOf(tenThousand, received, 2)).toEqual({ packet: 2, start: 8292, end: 10_000 });
  expect(missingPackets(tenThousand, received)).toEqual([2, 1]);
  expect(receivedOctets(received)).toBe(4196);
});

test("a 4xx ends the attempt at once", () => {
  for (const status of [400, 403, 404, 410, 416, 429])
    expect(reactTo({ kind: "status", status }, 1, 0)).toEqual({ do: "end", reason: `refused-${status}` });
});

test("a 5xx backs off, longer each time, never by the same time for all, and not for ever", () => {
  const waits = (random: number) =>
    Array.from({ length: 10 }, (_, i) => reactTo({ kind: "status", status: 503 }, i + 1, random));
  const early = waits(0);
  const late = waits(1);
  for (const [i, reaction] of early.slice(0, 9).entries()) {
    const other = late[i];
    if (reaction.do !== "again" || other?.do !== "again") throw new Error("it gave up too soon");
    expect(reaction.after).toBeLessThan(other.after);
    expect(other.after).toBeLessThanOrEqual(60_000);
  }
  expect(early[1]).toEqual({ do: "again", after: 500 });
  expect(early[9]).toEqual({ do: "end", reason: "no-answer" });
});

test("a connection that brought something is made again at once; a packet damaged every time ends the attempt", () => {
  expect(reactTo({ kind: "broken", progressed: true }, 1, 0.5)).toEqual({ do: "again", after: 0 });
  expect(reactTo({ kind: "damaged", times: 1 }, 0, 0.5)).toEqual({ do: "again", after: 0 });
  expect(reactTo({ kind: "damaged", times: 5 }, 0, 0.5)).toEqual({ do: "end", reason: "damaged-every-time" });
});

const all = () => true;
const started = (state: BootState, intact: (slot: "a" | "b") => boolean = all) => startOf(state, intact);

test("a new image is tried, and used once it is healthy", () => {
  const trial = started(withTrial(emptied(fromFactory(image(1))), image(2)));
  expect(trial).toMatchObject({ slot: "b", mode: "trial" });
  expect(started(healthy(trial.state))).toMatchObject({ slot: "b", mode: "normal" });
});

test("an image that never reports healthy falls back after its tries, and is not tried again", () => {
  const first = started(withTrial(fromFactory(image(1)), image(2)));
  const second = started(first.state);
  const third = started(second.state);
  expect([first, second, third].map(({ slot, mode }) => [slot, mode])).toEqual([
    ["b", "trial"],
    ["b", "trial"],
    ["a", "fallen-back"],
  ]);
  expect(third.state.failed).toBe(2);
  expect(started(third.state)).toMatchObject({ slot: "a", mode: "normal" });
});

test("a damaged image is not even tried", () => {
  expect(started(withTrial(fromFactory(image(1)), image(2)), (slot) => slot === "a")).toMatchObject({
    slot: "a",
    mode: "fallen-back",
  });
});

test("below the signed security floor the previous image only fetches a newer one", () => {
  const spent = started(started(started(withTrial(fromFactory(image(1)), image(2, 2))).state).state);
  expect(spent).toMatchObject({ slot: "a", mode: "update-only" });
  expect(started(spent.state).mode).toBe("update-only");
});

test("the slot in use is never the one that is written to", () => {
  const later = healthy(started(withTrial(fromFactory(image(1)), image(2))).state);
  expect(withTrial(emptied(later), image(3)).trial?.slot).toBe("a");
});
