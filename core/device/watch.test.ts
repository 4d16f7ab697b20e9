import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  flapPatience,
  type Outage,
  patience,
  restartPatience,
  returnPatience,
  siteSettles,
  type Watched,
  watch,
} from "./watch.ts";

const start = 1_800_000_000_000;
const second = 1_000;
const minute = 60 * second;
const device = (deviceId: string, part: Partial<Watched> = {}): Watched => ({
  deviceId,
  siteId: "one",
  connected: true,
  lastSeenAt: start,
  lostWithNode: false,
  awaitedUntil: null,
  restarts: false,
  ...part,
});
const away = (deviceId: string, part: Partial<Watched> = {}) => device(deviceId, { connected: false, ...part });

/** Looks again and again, as the clock does; keeps the outages as the database does. */
function watching() {
  let kept: Outage[] = [];
  return (devices: Watched[], now: number) => {
    const { outages, news } = watch(devices, kept, now);
    kept = [...kept.filter((one) => !outages.some(({ deviceId }) => deviceId === one.deviceId)), ...outages];
    return news.map(({ siteId, away, back }) => ({
      siteId,
      away: away.map(({ deviceId, cause }) => `${deviceId}: ${cause}`),
      back: back.map(({ deviceId }) => deviceId),
    }));
  };
}
const at = (time: number) => start + time;

describe("a device that drops off", () => {
  it("is told of once within the minute, and once more when it is back", () => {
    const look = watching();
    expect(look([away("a")], at(patience - 1))).toEqual([]);
    expect(look([away("a")], at(siteSettles))).toEqual([{ siteId: "one", away: ["a: device"], back: [] }]);
    expect(look([away("a")], at(minute))).toEqual([]);
    expect(look([device("a")], at(2 * minute))).toEqual([{ siteId: "one", away: [], back: ["a"] }]);
    expect(look([device("a")], at(3 * minute))).toEqual([]);
  });

  it("is told of by one mail with all the others of its site, also when they drop off one by one", () => {
    const look = watching();
    expect(look([away("a"), device("b"), device("c")], at(15 * second))).toEqual([]);
    const all = [away("a"), away("b", { lastSeenAt: at(16 * second) }), away("c", { lastSeenAt: at(18 * second) })];
    expect(look(all, at(30 * second))).toEqual([]);
    expect(look(all, at(38 * second))).toEqual([{ siteId: "one", away: ["a: site", "b: site", "c: site"], back: [] }]);
    expect(look([device("a"), away("b"), away("c")], at(minute))).toEqual([]);
    const back = ["a", "b", "c"];
    expect(
      look(
        back.map((id) => device(id)),
        at(2 * minute),
      ),
    ).toEqual([{ siteId: "one", away: [], back }]);
  });

  it("is told of later while it starts a new release, and not at all where nobody waits for it", () => {
    const look = watching();
    expect(look([away("a", { restarts: true }), away("b", { lastSeenAt: null })], at(minute))).toEqual([]);
    expect(look([away("a", { restarts: true })], at(restartPatience))).toHaveLength(1);
  });

  it("with its media node is said to be our own fault", () => {
    const look = watching();
    expect(look([away("a", { lostWithNode: true })], at(minute))[0]?.away).toEqual(["a: ours"]);
  });

  it("with its media node is given time to come back once that is there again, and is away for its own reason after that", () => {
    const look = watching();
    const awaited = away("a", { awaitedUntil: at(80 * second) });
    expect(look([awaited, device("b")], at(79 * second))).toEqual([]);
    expect(look([awaited, device("b")], at(80 * second))[0]?.away).toEqual(["a: device"]);
    expect(look([device("a"), device("b")], at(6 * minute))[0]?.back).toEqual(["a"]);
  });

  it("again and again is told of only when it stays away", () => {
    const look = watching();
    look([away("a")], at(minute));
    look([device("a")], at(2 * minute));
    for (let n = 3; n < 14; n++) {
      const there = n % 2 === 0 ? device("a") : away("a", { lastSeenAt: at((n - 1) * minute) });
      expect(look([there], at(n * minute))).toEqual([]);
    }
    const last = away("a", { lastSeenAt: at(14 * minute) });
    expect(look([last], at(2 * minute + flapPatience))).toHaveLength(1);
  });
});

it("tells every absence once and its end once, a site by one mail at a time, whatever happens in whatever order", () => {
  const happening = fc.record({
    device: fc.integer({ min: 0, max: 5 }),
    connected: fc.boolean(),
    later: fc.integer({ min: 1, max: 30 * 60 }),
    // Lost with its node, which is back.
    awaited: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const look = watching();
      const devices = Array.from({ length: 6 }, (_, n) => device(`d${n}`, { siteId: n < 4 ? "one" : "two" }));
      const believed = new Set<string>();
      let now = start;
      const hear = (news: ReturnType<typeof look>) => {
        expect(new Set(news.map(({ siteId }) => siteId)).size).toBe(news.length);
        for (const { away, back } of news) {
          for (const id of back) {
            expect(believed.has(id)).toBe(true);
            believed.delete(id);
          }
          for (const id of away.map((text) => text.slice(0, 2))) {
            expect(believed.has(id)).toBe(false);
            const device = devices.find(({ deviceId }) => deviceId === id);
            expect(device?.connected).toBe(false);
            expect(now).toBeGreaterThanOrEqual(device?.awaitedUntil ?? 0);
            believed.add(id);
          }
        }
      };
      for (const { device: n, connected, later, awaited } of happenings) {
        const one = devices[n];
        if (!one) continue;
        if (one.connected && !connected) {
          one.lastSeenAt = now;
          one.awaitedUntil = awaited ? now + returnPatience.least : null;
        }
        one.connected = connected;
        now += later * second;
        hear(look(devices, now));
      }
      // Once all has been quiet for long enough, people know how it is.
      for (const later of [30, 30]) {
        now += later * minute;
        hear(look(devices, now));
      }
      expect([...believed].sort()).toEqual(devices.flatMap((one) => (one.connected ? [] : [one.deviceId])));
    }),
  );
});

it("a broken node of ten thousand devices makes one mail a site", () => {
  const devices = Array.from({ length: 10_000 }, (_, n) => away(`d${n}`, { siteId: `s${n % 40}`, lostWithNode: true }));
  const { news } = watch(devices, [], at(minute));
  expect(news).toHaveLength(40);
});
