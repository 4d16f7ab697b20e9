import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CallState } from "#core/call/state.ts";
import { type CallId, legId } from "#core/messages/values.ts";
import { records } from "./testing/directory.ts";
import { type Browser, house, type MediaNode, newCallId, newCommandId, until } from "./testing/house.ts";

/** What may happen to a call, by whom, and how often the same message comes. */
const anyHappening = fc.record({
  what: fc.constantFrom(
    "rang",
    "answer",
    "answer",
    "decline",
    "hang-up",
    "open-door",
    "reconnect",
    "caller-left",
    "station-hangs-up",
    "station-lost",
    "room-ready",
    "answered",
    "link-breaks",
    "deadline",
    "crash",
  ),
  who: fc.constantFrom(0, 1),
  times: fc.integer({ min: 1, max: 3 }),
  /** Whether the next thing happens only after this one arrived, or on its heels. */
  waits: fc.boolean(),
});
type Happening = typeof anyHappening extends fc.Arbitrary<infer T> ? T : never;

const strayLeg = legId.parse("00000000-0000-4000-8000-000000000000");

/** A round trip through the objects: what was said before has been taken. */
const arrived = (call: CallId) => env.CALL_SESSION.getByName(call).mayTakeSnapshot();

async function deadlinePasses(call: CallId): Promise<void> {
  await runInDurableObject(env.CALL_SESSION.getByName(call), async (_, ctx) => {
    const state = ctx.storage.kv.get<CallState>("state");
    if (!state || state.phase === "ended") return;
    ctx.storage.kv.put("state", { ...state, ringUntil: Date.now(), endsAt: Date.now(), warnAt: Date.now() });
    await ctx.storage.setAlarm(Date.now());
  });
}

async function linkBreaks(node: MediaNode, call: CallId, deviceId: CallState["deviceId"]): Promise<void> {
  node.drop();
  await node.relink();
  node.hello({
    registrations: [{ deviceId, contact: "none", since: 1 }],
    liveCalls: [{ callId: call, deviceId, phase: "ringing" }],
  });
}

it("the objects give every call exactly one outcome and leave no browser ringing, in whatever order messages come", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyHappening, { maxLength: 3 }),
      fc.array(anyHappening, { maxLength: 10 }),
      fc.integer({ min: 1, max: 2 }),
      async (before, after, presses) => {
        const home = await house();
        const browsers = [await home.browser("mara"), await home.browser("jonas")];
        const node = await home.registered(browsers[0] as Browser);
        const call = newCallId();

        const happen = async ({ what, who, times, waits }: Happening) => {
          const browser = browsers[who] as Browser;
          const leg = browser.inbox.of("ring").find((ring) => ring.callId === call)?.legId ?? strayLeg;
          const say = (message: Parameters<Browser["say"]>[0]) => {
            for (let n = 0; n < times; n++) browser.say(message);
          };
          const at = Date.now();
          switch (what) {
            case "rang":
            case "decline":
              say({ type: what, callId: call, legId: leg });
              break;
            case "answer":
              say({ type: "answer", callId: call, legId: leg, camera: false });
              break;
            case "hang-up":
              say({ type: "hang-up", callId: call });
              break;
            case "open-door":
              say({ type: "open-door", commandId: newCommandId(), deviceId: home.door, callId: call });
              break;
            case "reconnect":
              browser.hangUpSocket();
              browsers[who] = await home.browser(who === 0 ? "mara" : "jonas", {
                id: browser.clientId,
                inbox: browser.inbox,
              });
              break;
            case "caller-left":
              node.say({ type: "caller-left", callId: call, at }, times);
              break;
            case "station-hangs-up":
              node.say({ type: "call-ended", callId: call, at, reason: "hung-up-by-station" }, times);
              break;
            case "station-lost":
              node.say({ type: "call-ended", callId: call, at, reason: "station-lost" }, times);
              break;
            case "room-ready":
              node.say({ type: "room-ready", callId: call }, times);
              break;
            case "answered":
              node.say({ type: "answered", callId: call, at }, times);
              break;
            case "link-breaks":
              await linkBreaks(node, call, home.door);
              break;
            case "deadline":
              await deadlinePasses(call);
              break;
            case "crash":
              // Whatever the call's object was doing, it is gone; only its storage remains.
              await runInDurableObject(env.CALL_SESSION.getByName(call), (_, ctx) =>
                ctx.abort("crashed by the test"),
              ).catch(() => {});
              break;
          }
          if (waits) await arrived(call);
        };

        for (const happening of before) if (happening.what !== "deadline") await happen(happening);
        home.press(node, call, presses);
        await until(() => records.has(call) || browsers.every((browser) => browser.inbox.of("ring").length > 0));
        for (const happening of after) await happen(happening);
        node.say({ type: "call-ended", callId: call, at: Date.now(), reason: "hung-up-by-station" }, 2);

        const record = await until(() => records.get(call));
        await until(() => browsers.every((browser) => browser.ringing().size === 0));
        const talked = browsers.filter((browser) => browser.inbox.of("talking").length > 0);
        await until(() => talked.every((browser) => browser.inbox.of("call-end").length > 0));

        // What comes after the end changes nothing.
        for (const who of [0, 1] as const) await happen({ what: "answer", who, times: 2, waits: true });
        const state = await runInDurableObject(env.CALL_SESSION.getByName(call), (_, ctx) =>
          ctx.storage.kv.get<CallState>("state"),
        );
        expect(state?.ending?.reason).toBe(record.reason);
        expect(record.events.filter(({ what }) => what.type === "ended")).toHaveLength(1);
        expect(record.legs.filter((leg) => leg.fate === "answered").length).toBeLessThanOrEqual(1);
        expect(browsers.every((browser) => browser.ringing().size === 0)).toBe(true);
        for (const browser of browsers) {
          expect(new Set(browser.inbox.of("call-end").map((end) => end.reason)).size).toBeLessThanOrEqual(1);
          if (browser.inbox.of("talking").length > 0) {
            expect(browser.inbox.of("call-end").map((end) => end.reason)).toContain(record.reason);
          }
        }
        const heard = (type: "answer" | "ringing" | "end") =>
          node.inbox.of(type).filter((message) => message.callId === call);
        expect(heard("ringing").length).toBeLessThanOrEqual(1);
        expect(heard("answer").length).toBeLessThanOrEqual(1);
        expect(heard("end").length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 30, endOnFailure: true },
  );
}, 180_000);
