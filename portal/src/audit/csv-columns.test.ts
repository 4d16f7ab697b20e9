import { expect, it } from "vitest";
import { auditEntry } from "#core/messages/people.ts";
import { toCsv } from "../design/csv.ts";
import { auditColumns } from "./csv-columns.ts";

it("writes what was changed as it is kept, and how an opening went", () => {
  const id = "00000000-0000-4000-8000-0000000000a1";
  const at = Date.UTC(2026, 10, 24, 8, 57);
  const change = { type: "change", action: "change-role", subject: "tom", before: { role: "viewer" } };
  const opening = { type: "open-door", deviceId: id, door: "=Main entrance", state: "failed", reason: "no-reply" };
  const entries = [change, opening].map((what) =>
    auditEntry.parse({ id, at, by: { userId: "mara", name: "Mara Lenz" }, what }),
  );
  const [, first, second] = toCsv(
    entries,
    auditColumns((name) => name),
  ).split("\r\n");
  expect(first).toBe(`2026-11-24T08:57:00.000Z,Mara Lenz,mara,change-role,,tom,"{""role"":""viewer""}",,${id}`);
  expect(second).toBe(
    `2026-11-24T08:57:00.000Z,Mara Lenz,mara,open-door,'=Main entrance,${id},,"failed, no-reply",${id}`,
  );
});
