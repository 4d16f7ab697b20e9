import { expect, it } from "vitest";
import { callDetail } from "#core/messages/portal-api.ts";
import { offset, timeline } from "./timeline.ts";

const start = 1_764_000_000_000;
const leg = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const mara = { id: "u-mara", name: "Mara Lenz" };
const command = "00000000-0000-4000-8000-0000000000c1";
const door = (after: number, state: string, reason?: string) => ({
  at: start + after,
  what: { type: "door", commandId: command, by: "Mara Lenz", userId: "u-mara", state, reason },
});

const answered = (events: object[], legs: object[] = []) =>
  callDetail.parse({
    callId: "00000000-0000-4000-8000-0000000000a1",
    deviceId: "00000000-0000-4000-8000-0000000000d1",
    door: "Main entrance",
    site: "Lindenhof 4",
    direction: "from-station",
    outcome: "answered",
    reason: "hung-up-by-person",
    startedAt: start,
    answeredAt: start + 6_300,
    endedAt: start + 44_300,
    receivers: 2,
    snapshotUrl: "/picture.jpg",
    legs: [
      { legId: leg(1), userId: "u-mara", name: "Mara Lenz", via: "browser", fate: "answered", rangAt: start + 200 },
      { legId: leg(2), userId: "u-jonas", name: "Jonas Adler", via: "browser", fate: "rang", rangAt: start + 210 },
      ...legs,
    ],
    events: [
      { at: start, what: { type: "pressed", button: "Reception" } },
      { at: start + 200, what: { type: "rang", legId: leg(1), name: "Mara Lenz" } },
      { at: start + 210, what: { type: "rang", legId: leg(2), name: "Jonas Adler" } },
      { at: start + 6_300, what: { type: "answered", legId: leg(1), name: "Mara Lenz" } },
      ...events,
      { at: start + 44_300, what: { type: "ended", reason: "hung-up-by-person", by: "Mara Lenz" } },
    ],
  });

it("gathers everyone who rang into one line, in the order of the day", () => {
  const lines = timeline(answered([]), mara);
  expect(lines.map((line) => line.what.kind)).toEqual(["pressed", "rang", "answered", "ended"]);
  expect(lines[1]?.what).toMatchObject({ receivers: [{ you: true }, { name: "Jonas Adler", you: false }] });
});

it("says that the others fell silent, and how long was talked", () => {
  const lines = timeline(answered([]), mara);
  expect(lines[2]?.what).toMatchObject({ kind: "answered", you: true, others: true });
  expect(lines[3]?.what).toMatchObject({ kind: "ended", talked: 38_000, by: { you: true } });
});

it("shows one opening as one line, with the door's own confirmation", () => {
  const opening = [door(31_000, "sent"), door(31_300, "confirmed"), door(31_400, "open"), door(37_400, "closed")];
  const lines = timeline(answered(opening), mara).filter((line) => line.what.kind === "door");
  expect(lines).toEqual([
    {
      at: start + 31_000,
      what: { kind: "door", name: "Mara Lenz", you: true, confirmedAfter: 300, openFor: 6_000, failed: undefined },
    },
  ]);
});

it("never shows an opening that the door did not confirm as one", () => {
  const [line] = timeline(answered([door(31_000, "sent"), door(36_000, "failed", "no-reply")]), mara).filter(
    (one) => one.what.kind === "door",
  );
  expect(line?.what).toMatchObject({ confirmedAfter: undefined, failed: "no-reply" });
});

it("names everyone who should have rung and did not, with the reason", () => {
  const away = { legId: leg(3), userId: "u-tom", name: "Tom Hoekstra", via: "browser", fate: "offline" };
  const told = { ...away, legId: leg(4), name: "Elin Sorby", fate: "told", toldAt: start + 50 };
  const lines = timeline(answered([], [away, told]), mara).filter((line) => line.what.kind === "unreached");
  expect(lines.map((line) => line.what)).toMatchObject([
    { name: "Elin Sorby", fate: "told" },
    { name: "Tom Hoekstra", fate: "offline" },
  ]);
});

it("says when the station answered a call to it", () => {
  const call = {
    ...answered([]),
    direction: "to-station" as const,
    outcome: "placed" as const,
    events: callDetail.shape.events.parse([
      { at: start, what: { type: "called", by: "Mara Lenz", userId: "u-mara" } },
      { at: start + 44_300, what: { type: "ended", reason: "hung-up-by-station" } },
    ]),
  };
  expect(timeline(call, mara).map((line) => line.what.kind)).toEqual(["called", "station-answered", "ended"]);
});

it("writes offsets to a tenth, and from a minute on in minutes", () => {
  expect(offset(200, "en")).toBe("+0.2 s");
  expect(offset(6_300, "de")).toBe("+6,3 s");
  expect(offset(62_400, "en")).toBe("+1:02");
});
