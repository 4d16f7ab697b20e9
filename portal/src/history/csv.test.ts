import { expect, it } from "vitest";
import { type CallSummary, callSummary } from "#core/messages/portal-api.ts";
import { toCsv } from "../design/csv.ts";
import { historyColumns } from "./csv-columns.ts";

const call = (part: Partial<CallSummary>): CallSummary => ({
  ...callSummary.parse({
    callId: "00000000-0000-4000-8000-0000000000a1",
    deviceId: "00000000-0000-4000-8000-0000000000d1",
    door: "Main entrance",
    site: "Lindenhof 4",
    direction: "from-station",
    outcome: "missed",
    reason: "no-answer",
    startedAt: Date.UTC(2026, 10, 24, 8, 57),
    endedAt: Date.UTC(2026, 10, 24, 8, 57, 30),
    receivers: 3,
  }),
  ...part,
});
const rows = (calls: CallSummary[]) =>
  toCsv(
    calls,
    historyColumns((name) => name),
  )
    .slice(1)
    .split("\r\n");

it("writes a line for each call, and nothing where there was no answer", () => {
  expect(rows([call({})])[1]).toBe(
    "2026-11-24T08:57:00.000Z,Main entrance,Lindenhof 4,from-station,missed,no-answer,30,,,,3,00000000-0000-4000-8000-0000000000a1",
  );
});

it("quotes commas and quotes", () => {
  expect(rows([call({ door: 'Gate "north", left' })])[1]).toContain('"Gate ""north"", left"');
});

it("keeps a name from running as a formula", () => {
  expect(rows([call({ door: "=HYPERLINK(1)" })])[1]).toContain("'=HYPERLINK(1)");
});
