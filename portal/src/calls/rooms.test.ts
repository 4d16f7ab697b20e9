import { describe, expect, it } from "vitest";
import { callId, deviceId, legId } from "#core/messages/values.ts";
import { emptyState, type LiveState, type MyCall, type Ring, withoutMedia } from "../live/state.ts";
import { wantedRooms } from "./rooms.ts";

const leg = legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a001");
const device = deviceId.parse("5d2f7c61-8a30-4f0c-9a55-0c1f8e6b7a01");
const media = { url: "ws://localhost", token: "one", stationLegId: leg };
const id = (n: number) => callId.parse(`c0a8d3f2-6f43-4c1b-b2de-1f7d9a1e000${n}`);
const ring = (n: number, part: Partial<Ring> = {}): Ring => ({
  callId: id(n),
  legId: leg,
  deviceId: device,
  door: "Main entrance",
  site: "Lindenhof 4",
  button: "Reception",
  pressedAt: 0,
  ringUntil: 30_000,
  receivers: [],
  media,
  mayOpen: true,
  receivedAt: 0,
  acknowledged: false,
  silenced: false,
  small: false,
  camera: false,
  phase: "ringing",
  ...part,
});
const call = (part: Partial<MyCall> = {}): MyCall => ({
  callId: id(9),
  deviceId: device,
  door: "Main entrance",
  direction: "from-station",
  phase: "talking",
  camera: false,
  held: false,
  startedAt: 0,
  warned: false,
  media,
  mayOpen: true,
  ...part,
});
const state = (part: Partial<LiveState>): LiveState => ({ ...emptyState(0), ...part });
const stages = (part: Partial<LiveState>) => wantedRooms(state(part)).map((one) => [one.callId, one.stage]);

describe("the rooms a tab is in", () => {
  it("listens while it rings, and hears and opens the microphone in the moment of the answer", () => {
    expect(stages({ rings: [ring(1)] })).toEqual([[id(1), "listen"]]);
    expect(stages({ rings: [ring(1, { phase: "answering" })] })).toEqual([[id(1), "prepare"]]);
  });

  it("leaves a ring that another answered at once", () => {
    expect(stages({ rings: [ring(1, { phase: "ended" })] })).toEqual([]);
  });

  it("talks only in the call that it won", () => {
    expect(stages({ call: call(), rings: [ring(1)] })).toEqual([
      [id(9), "talk"],
      [id(1), "listen"],
    ]);
    expect(stages({ call: call({ phase: "ended" }) })).toEqual([]);
  });

  it("publishes nothing that is heard before a called station answers", () => {
    expect(stages({ call: call({ phase: "calling" }) })).toEqual([[id(9), "prepublish"]]);
    expect(stages({ call: call({ phase: "asking", callId: undefined }) })).toEqual([]);
  });

  it("gives nothing to a call that no click in this tab took up", () => {
    expect(stages({ call: call({ held: true }) })).toEqual([[id(9), "hear"]]);
    expect(stages({ call: call({ held: true, phase: "calling" }) })).toEqual([[id(9), "listen"]]);
  });

  it("joins three at most", () => {
    expect(stages({ rings: [1, 2, 3, 4].map((n) => ring(n)) })).toHaveLength(3);
  });

  it("joins none where another tab leads, since that tab's state carries no tokens", () => {
    expect(wantedRooms(withoutMedia(state({ call: call(), rings: [ring(1)] })))).toEqual([]);
  });
});
