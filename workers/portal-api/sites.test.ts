import { expect, it } from "vitest";
import { siteRow } from "#core/messages/device-api.ts";
import { auditList } from "#core/messages/people.ts";
import { somebody } from "../testing/portal.ts";

it("sets a site's time zone by its country and address, until somebody names another", async () => {
  const { portal } = await somebody();
  const made = await portal.ask("/api/sites", { body: { name: "Lindenhof 4", country: "AT", address: "Wien" } });
  const { siteId, timeZone } = siteRow.parse(await made.json());
  expect(timeZone).toBe("Europe/Vienna");
  const change = (body: object) =>
    portal.ask(`/api/sites/${siteId}`, { method: "PATCH", body: { name: "Lindenhof 4", ...body } });
  const zone = async (body: object) => siteRow.parse(await (await change(body)).json()).timeZone;
  expect(await zone({ country: "NL", address: "Damrak 1, Amsterdam" })).toBe("Europe/Amsterdam");
  const unclear = await change({ country: "US", address: "1 Main St, Springfield" });
  expect([unclear.status, (await unclear.json<{ code: string }>()).code]).toEqual([422, "which-time-zone"]);
  expect(await zone({ country: "US", address: "1 Main St, Springfield", timeZone: "America/Chicago" })).toBe(
    "America/Chicago",
  );
  expect(await zone({ country: "US", address: "2 Main St, Springfield" })).toBe("America/Chicago");
  expect((await change({ country: "XX" })).status).toBe(400);
  const { entries } = auditList.parse(await (await portal.ask("/api/audit")).json());
  expect(entries[0]?.what).toMatchObject({
    action: "change-site",
    before: { address: "1 Main St, Springfield", country: "US", timeZone: "America/Chicago" },
    after: { address: "2 Main St, Springfield", country: "US" },
  });
});
