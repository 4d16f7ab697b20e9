import { describe, expect, it } from "vitest";
import { shouldTakeOver } from "./leader.ts";
import { backOff } from "./socket.ts";

const idle = { busy: false };

describe("which tab leads", () => {
  it("is the one that can sound, though another is in front", () => {
    expect(shouldTakeOver({ sound: true, visible: false }, { sound: false, visible: true, ...idle })).toBe(true);
    expect(shouldTakeOver({ sound: false, visible: true }, { sound: true, visible: false, ...idle })).toBe(false);
  });

  it("is the one in front, of two that can both sound or both not", () => {
    for (const sound of [true, false]) {
      expect(shouldTakeOver({ sound, visible: true }, { sound, visible: false, ...idle })).toBe(true);
      expect(shouldTakeOver({ sound, visible: false }, { sound, visible: true, ...idle })).toBe(false);
      expect(shouldTakeOver({ sound, visible: true }, { sound, visible: true, ...idle })).toBe(false);
    }
  });

  it("never changes by itself while it rings or talks", () => {
    expect(shouldTakeOver({ sound: true, visible: true }, { sound: false, visible: false, busy: true })).toBe(false);
  });
});

describe("the wait before a new connection", () => {
  it("doubles from 0.3 s, to at most 8 s or 1 s in a call, and differs by chance so that not all come back at once", () => {
    expect([0, 1, 2, 3].map((failures) => backOff(failures, 1))).toEqual([300, 600, 1_200, 2_400]);
    expect(backOff(30, 1)).toBe(8_000);
    expect(backOff(3, 0)).toBe(1_200);
    expect(backOff(30, 1, true)).toBe(1_000);
  });
});
