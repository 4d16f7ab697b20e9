import { expect, test } from "vitest";
import { filterOf } from "./history-filter.ts";

test("asks for nothing in particular where nothing is chosen", () => {
  expect(filterOf({})).toEqual({});
});

test("asks for what was chosen together, and for missed calls where those are shown", () => {
  expect(filterOf({ show: "opened", last: "week", site: "Lindenhof 4", outcome: "answered", by: "jonas" })).toEqual({
    opened: true,
    days: 7,
    site: "Lindenhof 4",
    outcome: "answered",
    answeredBy: "jonas",
  });
  expect(filterOf({ show: "missed", outcome: "answered" })).toEqual({ outcome: "missed" });
});
