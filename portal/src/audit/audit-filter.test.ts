import { expect, it } from "vitest";
import { filterOf } from "./audit-filter.ts";

it("asks from the begin of the first day to the end of the last, where the person is", () => {
  expect(filterOf({ kind: "people", from: "2026-11-24", until: "2026-11-30" })).toEqual({
    kind: "people",
    from: new Date(2026, 10, 24).getTime(),
    until: new Date(2026, 11, 1).getTime(),
  });
});

it("asks for everything where nothing is chosen, or what is in the address is no day", () => {
  expect(filterOf({ from: "yesterday" })).toEqual({});
});
