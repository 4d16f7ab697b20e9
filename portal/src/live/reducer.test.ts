import { describe, expect, it } from "vitest";
import { clientRingTime } from "#core/call/limits.ts";
import type { ToClient } from "#core/messages/client.ts";
import { callId, commandId, deviceId, legId, userId } from "#core/messages/values.ts";
import { callEndShown, confirmTime, doorAnswerTime, endPatience, nextDeadline, ringEndShown } from "./deadlines.ts";
import { type LiveEvent, reduce } from "./reducer.ts";
import { emptyState, type LiveState } from "./state.ts";

const start = 1_000_000;
const call = callId.parse("c0a8d3f2-6f43-4c1b-b2de-1f7d9a1e0001");
const other = callId.parse("c0a8d3f2-6f43-4c1b-b2de-1f7d9a1e0002");
const leg = legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a001");
const door = deviceId.parse("5d2f7c61-8a30-4f0c-9a55-0c1f8e6b7a01");
const command = commandId.parse("a51f0f0e-21b7-4f5e-a9a1-6f8d1c2b0001");
const media = { url: "ws://localhost", token: "one", stationLegId: leg };
/** The edge's clock is this much ahead of the browser's. */
const ahead = 40_000;

const ring = (part: Partial<Extract<ToClient, { type: "ring" }>> = {}): LiveEvent => ({
  type: "message",
  message: {
    type: "ring",
    now: start + ahead,
    callId: call,
    legId: leg,
    deviceId: door,
    door: "Main entrance",
    site: "Lindenhof 4",
    button: "Reception",
    pressedAt: start + ahead - 500,
    ringUntil: start + ahead + 29_500,
    receivers: [],
    media,
    mayOpen: true,
    ...part,
  },
});
const talking: LiveEvent = {
  type: "message",
  message: {
    type: "talking",
    now: start + ahead,
    callId: call,
    legId: leg,
    deviceId: door,
    door: "Main entrance",
    site: "Lindenhof 4",
    answeredAt: start + ahead,
    warnAt: start + ahead + 570_000,
    endsAt: start + ahead + 600_000,
    media,
    mayOpen: true,
  },
};
const doorSays = (
  state: Extract<ToClient, { type: "door-command" }>["state"],
  part: Partial<Extract<ToClient, { type: "door-command" }>> = {},
): LiveEvent => ({
  type: "message",
  message: {
    type: "door-command",
    commandId: command,
    deviceId: door,
    by: "Mara Lenz",
    userId: userId.parse("mara"),
    state,
    at: start + ahead + 100,
    ...part,
  },
});
const ringEnd = (by?: string): LiveEvent => ({
  type: "message",
  message: { type: "ring-end", callId: call, reason: "answered-elsewhere", by },
});

/** The state after events, each with the milliseconds at which it comes. */
const replay = (...events: [at: number, event: LiveEvent][]): LiveState =>
  events.reduce((state, [at, event]) => reduce(state, event, start + at), emptyState(start));

describe("a ring", () => {
  it("rings until its own limit even if the edge never says another word", () => {
    const rung = replay([0, ring()]);
    expect(nextDeadline(rung)).toBe(start + clientRingTime);
    expect(reduce(rung, { type: "time" }, start + clientRingTime - 1).rings[0]?.phase).toBe("ringing");
    expect(reduce(rung, { type: "time" }, start + clientRingTime).rings[0]).toMatchObject({
      phase: "ended",
      ended: { reason: "no-answer" },
    });
  });

  it("keeps its start, and what the person did, when it is said again after a reconnect", () => {
    const again = replay(
      [0, ring()],
      [100, { type: "acknowledged", callId: call }],
      [200, { type: "silenced", callId: call }],
      [9_000, ring({ media: { ...media, token: "two" } })],
    );
    expect(again.rings).toHaveLength(1);
    expect(again.rings[0]).toMatchObject({
      receivedAt: start,
      acknowledged: true,
      silenced: true,
      media: { token: "two" },
    });
  });

  it("says who answered elsewhere for two seconds, whichever message of the two comes first", () => {
    const refused: LiveEvent = { type: "message", message: { type: "answer-refused", callId: call } };
    const answering: LiveEvent = { type: "answering", callId: call, camera: false };
    for (const pair of [
      [refused, ringEnd("Jonas Adler")],
      [ringEnd("Jonas Adler"), refused],
    ] as const) {
      const ended = replay([0, ring()], [10, answering], [20, pair[0]], [30, pair[1]]);
      expect(ended.rings[0]).toMatchObject({ phase: "ended", ended: { by: "Jonas Adler" } });
      expect(ended.rings[0]?.media).toBeUndefined();
      expect(reduce(ended, { type: "time" }, start + 20 + ringEndShown - 1).rings).toHaveLength(1);
      expect(reduce(ended, { type: "time" }, start + 20 + ringEndShown).rings).toHaveLength(0);
    }
  });

  it("is over when the edge does not say it again after a reconnect", () => {
    const welcome: LiveEvent = {
      type: "message",
      message: { type: "welcome", protocol: 1, now: start + ahead, doors: [] },
    };
    const back = replay([0, ring()], [5_000, welcome]);
    expect(reduce(back, { type: "time" }, start + 5_000 + confirmTime).rings[0]?.ended?.reason).toBe("failed");
    const confirmed = reduce(back, ring(), start + 5_100);
    expect(reduce(confirmed, { type: "time" }, start + 5_000 + confirmTime).rings[0]?.phase).toBe("ringing");
  });

  it("does not ring again once it has ended", () => {
    expect(replay([0, ring()], [10, ringEnd()], [20, ring()]).rings[0]?.phase).toBe("ended");
  });

  it("waits behind the first when a second comes, until it is taken to the front", () => {
    const two = replay([0, ring()], [10, ring({ callId: other })]);
    expect(two.rings.map((one) => one.callId)).toEqual([call, other]);
    expect(reduce(two, { type: "to-front", callId: other }, start + 20).rings[0]?.callId).toBe(other);
  });

  it("turns into the call when the edge says so, and picture and camera come along", () => {
    const answering: LiveEvent = { type: "answering", callId: call, camera: true };
    const talks = replay([0, ring({ snapshotUrl: "/snapshot" })], [5, answering], [10, talking]);
    expect(talks.rings).toHaveLength(0);
    expect(talks.call).toMatchObject({
      phase: "talking",
      snapshotUrl: "/snapshot",
      direction: "from-station",
      camera: true,
    });
  });
});

describe("a call", () => {
  it("stays three seconds to say why it ended, and ends once", () => {
    const ended = replay(
      [0, talking],
      [5_000, { type: "hung-up" }],
      [5_100, { type: "message", message: { type: "call-end", callId: call, reason: "failed" } }],
    );
    expect(ended.call?.ended).toEqual({ reason: "hung-up-by-person", at: start + 5_000 });
    expect(reduce(ended, { type: "time" }, start + 5_000 + callEndShown).call).toBeUndefined();
  });

  it("ends by itself some seconds after its limit, and when the edge does not know it after a reconnect", () => {
    const welcome: LiveEvent = {
      type: "message",
      message: { type: "welcome", protocol: 1, now: start + ahead, doors: [] },
    };
    const limit = 600_000 + endPatience;
    expect(nextDeadline(replay([0, talking]))).toBe(start + limit);
    expect(replay([0, talking], [limit, { type: "time" }]).call?.ended?.reason).toBe("time-limit");
    const forgotten = replay([0, talking], [10, welcome], [10 + confirmTime, { type: "time" }]);
    expect(forgotten.call?.ended?.reason).toBe("person-lost");
    expect(replay([0, talking], [10, welcome], [20, talking], [10 + confirmTime, { type: "time" }]).call?.phase).toBe(
      "talking",
    );
  });

  it("is not brought back by a late `talking`", () => {
    expect(replay([0, talking], [10, { type: "hung-up" }], [20, talking]).call?.phase).toBe("ended");
  });

  it("goes from asking to calling to talking for a call to a station", () => {
    const requestId = "0f0e4d58-0f19-47a8-8b85-0f5a4d1b7a11";
    const asked: LiveEvent = { type: "call-asked", requestId, deviceId: door, door: "Main entrance", camera: true };
    const calling: LiveEvent = {
      type: "message",
      message: {
        type: "calling",
        requestId,
        callId: call,
        legId: leg,
        deviceId: door,
        door: "Main entrance",
        site: "Lindenhof 4",
        media,
        mayOpen: true,
      },
    };
    expect(replay([0, asked]).call?.phase).toBe("asking");
    expect(replay([0, asked], [1, calling], [clientRingTime, { type: "time" }]).call?.ended?.reason).toBe("no-answer");
    expect(replay([0, asked], [1, calling]).call?.phase).toBe("calling");
    expect(replay([0, asked], [1, calling], [2, talking]).call).toMatchObject({
      phase: "talking",
      direction: "to-station",
      camera: true,
    });
    const refused: LiveEvent = { type: "message", message: { type: "call-refused", requestId, reason: "busy" } };
    expect(replay([0, asked], [1, refused]).call).toMatchObject({ phase: "ended", ended: { reason: "busy" } });
  });

  it("takes the room's readiness, for ring and call", () => {
    const ready: LiveEvent = { type: "message", message: { type: "media-ready", callId: call } };
    expect(replay([0, ring()], [1, ready]).rings[0]?.media?.ready).toBe(true);
    expect(replay([0, talking], [1, ready]).call?.media?.ready).toBe(true);
  });
});

describe("the microphone's leave to speak", () => {
  const answered: [number, LiveEvent][] = [
    [0, ring()],
    [10, { type: "answering", callId: call, camera: true }],
    [20, talking],
  ];
  it("comes with the answer in this tab", () => {
    expect(replay(...answered).call).toMatchObject({ held: false, camera: true });
  });

  it("is not handed on with the lead: the tab that takes over waits for a click", () => {
    const led = replay(...answered, [30, { type: "led", asked: false }], [40, talking]);
    expect(led.call).toMatchObject({ phase: "talking", held: true, camera: false });
    expect(reduce(led, { type: "taken-up" }, start + 50).call?.held).toBe(false);
  });

  it("comes along when the person brings the call to another tab", () => {
    expect(replay(...answered, [30, { type: "led", asked: true }], [40, talking]).call?.held).toBe(false);
  });

  it("waits for a click in a page that was loaded anew", () => {
    expect(replay([0, { type: "led", asked: false }], [10, talking]).call?.held).toBe(true);
  });

  it("waits for a click when the tab closed in the moment of its answer", () => {
    const led = replay(...answered.slice(0, 2), [15, { type: "led", asked: false }]);
    expect(led.rings[0]?.phase).toBe("ringing");
    expect(reduce(led, talking, start + 20).call?.held).toBe(true);
  });
});

describe("an opening", () => {
  const asked: LiveEvent = { type: "door-asked", deviceId: door, commandId: command };

  it("is mine from asking to open", () => {
    const open = replay([0, ring()], [10, asked], [50, doorSays("sent")], [90, doorSays("confirmed")]);
    expect(open.commands[door]).toMatchObject({ state: "confirmed", mine: true });
  });

  it("counts as failed when the door says nothing in time", () => {
    const sent = replay([0, ring()], [10, asked]);
    expect(nextDeadline(sent)).toBe(start + 10 + doorAnswerTime);
    const late = reduce(sent, { type: "time" }, start + 10 + doorAnswerTime);
    expect(late.commands[door]).toMatchObject({ state: "failed", reason: "no-reply" });
  });

  it("never goes back from what the door confirmed", () => {
    const back = replay(
      [0, ring()],
      [10, asked],
      [90, doorSays("open")],
      [95, doorSays("sent")],
      [99, doorSays("failed")],
    );
    expect(back.commands[door]?.state).toBe("open");
  });

  it("shows another person's opening as theirs", () => {
    expect(replay([0, ring()], [10, doorSays("sent", { by: "Jonas Adler" })]).commands[door]).toMatchObject({
      mine: false,
      by: "Jonas Adler",
    });
  });
});
