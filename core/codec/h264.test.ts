import { expect, test } from "vitest";
import { chooseH264 } from "./h264.ts";

const variant = (payloadType: number, packetizationMode: number, profileLevelId: string) => ({
  payloadType,
  packetizationMode,
  profileLevelId,
});

test("packetization-mode 1 goes before mode 0, whatever the order of the offer", () => {
  expect(chooseH264([variant(97, 0, "42e01f"), variant(98, 1, "42e01f")])?.payloadType).toBe(98);
});

test("Baseline goes before Main before High", () => {
  const offered = [variant(97, 1, "640028"), variant(98, 1, "4D001f"), variant(99, 1, "42001f")];
  expect(chooseH264(offered)?.payloadType).toBe(99);
  expect(chooseH264(offered.slice(0, 2))?.payloadType).toBe(98);
});

test("what no browser decodes is not chosen: mode 2, High 4:4:4, nonsense", () => {
  const offered = [variant(97, 2, "42e01f"), variant(98, 1, "f4001f"), variant(99, 1, "")];
  expect(chooseH264(offered)).toBeUndefined();
});
