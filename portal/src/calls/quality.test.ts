import { describe, expect, it } from "vitest";
import { bitRate, lossBetween, qualityWord } from "./quality.ts";

const look = (packets: number, lost: number) => ({
  packets,
  lost,
  roundTrip: undefined,
  codec: undefined,
  bytes: packets * 80,
  at: packets * 20,
});

describe("the word for a connection", () => {
  it("is good on a good line, fair where speech suffers, poor where people talk over each other", () => {
    expect(qualityWord({ roundTrip: 38, loss: 0 })).toBe("good");
    expect(qualityWord({ roundTrip: 350, loss: 0 })).toBe("fair");
    expect(qualityWord({ roundTrip: 38, loss: 0.05 })).toBe("fair");
    expect(qualityWord({ roundTrip: 700, loss: 0 })).toBe("poor");
    expect(qualityWord({ roundTrip: undefined, loss: 0.2 })).toBe("poor");
  });

  it("comes from what was lost since the last look, not from the whole call", () => {
    expect(lossBetween(look(1_000, 900), look(1_090, 910))).toBeCloseTo(0.1);
    expect(lossBetween(look(1_000, 0), look(1_000, 0))).toBe(0);
  });
});

it("counts the bits of sound a second since the last look", () => {
  expect(bitRate(look(100, 0), look(150, 0))).toBe(32_000);
  expect(bitRate(look(100, 0), look(100, 0))).toBeUndefined();
});
