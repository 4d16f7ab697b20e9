import { describe, expect, it } from "vitest";
import { commandId, deviceId } from "#core/messages/values.ts";
import type { DoorCommand } from "../live/state.ts";
import { failureShown, holdView } from "./hold-state.ts";

const at = 50_000;
const online = true;
const command = (part: Partial<DoorCommand>): DoorCommand => ({
  commandId: commandId.parse("a51f0f0e-21b7-4f5e-a9a1-6f8d1c2b0001"),
  deviceId: deviceId.parse("5d2f7c61-8a30-4f0c-9a55-0c1f8e6b7a01"),
  mine: true,
  state: "asking",
  at,
  ...part,
});

describe("what the button to open a door shows", () => {
  it("is ready at rest, and says so when the door is offline", () => {
    expect(holdView(undefined, online, at)).toEqual({ kind: "ready" });
    expect(holdView(undefined, !online, at)).toEqual({ kind: "offline" });
  });

  it("asks until the door has confirmed: never open before", () => {
    expect(holdView(command({ state: "asking" }), online, at)).toEqual({ kind: "asking" });
    expect(holdView(command({ state: "sent" }), online, at)).toEqual({ kind: "asking" });
  });

  it("counts down from the door's own moment, and rests when the pulse is over", () => {
    const confirmed = command({ state: "confirmed" });
    expect(holdView(confirmed, online, at + 1, 6_000)).toEqual({ kind: "open", seconds: 6 });
    expect(holdView(confirmed, online, at + 5_001, 6_000)).toEqual({ kind: "open", seconds: 1 });
    expect(holdView(confirmed, online, at + 6_000, 6_000)).toEqual({ kind: "ready" });
  });

  it("stays open without a count where the contact says that it is", () => {
    expect(holdView(command({ state: "open" }), online, at + 60_000, 6_000)).toEqual({ kind: "open" });
    expect(holdView(command({ state: "closed" }), online, at + 60_000, 6_000)).toEqual({ kind: "ready" });
  });

  it("names who else opens", () => {
    expect(holdView(command({ state: "sent", mine: false, by: "Jonas" }), online, at)).toEqual({
      kind: "other",
      by: "Jonas",
    });
  });

  it("shows a failure to who asked, for a while", () => {
    const failed = command({ state: "failed", reason: "no-reply" });
    expect(holdView(failed, online, at + failureShown - 1)).toEqual({ kind: "failed", reason: "no-reply" });
    expect(holdView(failed, online, at + failureShown)).toEqual({ kind: "ready" });
    expect(holdView({ ...failed, mine: false }, online, at)).toEqual({ kind: "ready" });
  });
});
