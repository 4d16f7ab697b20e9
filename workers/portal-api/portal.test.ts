import { expect, it } from "vitest";
import { callDetail, callList, check, doorList, health, me, virtualStation } from "#core/messages/portal-api.ts";
import { saveCall, saveSnapshot } from "#db/queries/calls.ts";
import { ensureVirtualStation } from "#db/queries/devices.ts";
import { recordOf } from "#db/testing/house.ts";
import { Portal, somebody } from "../testing/portal.ts";

const json = async (response: Response) => {
  expect(response.status).toBe(200);
  return response.json();
};

/** A person with a door, at which somebody rang. */
async function withCall() {
  const person = await somebody();
  const door = await ensureVirtualStation(person.db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  const record = recordOf({ organisationId: person.organisationId, door });
  await saveCall(person.db, record);
  await saveSnapshot(person.db, record.callId, record.startedAt);
  return { ...person, door, record };
}

it("shows the doors with their newest call, and the history with its pictures' signed addresses", async () => {
  const { portal, door, record } = await withCall();
  const { doors } = doorList.parse(await json(await portal.ask("/api/doors")));
  expect(doors).toMatchObject([
    { deviceId: door, virtual: true, online: false, openers: [{ output: 1 }], last: { callId: record.callId } },
  ]);
  const history = callList.parse(await json(await portal.ask("/api/calls")));
  expect(history).toMatchObject({ total: 1, missed: 0, calls: [{ callId: record.callId, openedBy: "Mara Lenz" }] });
  expect(history.next).toBeUndefined();
  const detail = callDetail.parse(await json(await portal.ask(`/api/calls/${record.callId}`)));
  expect(detail).toMatchObject({ events: record.events, legs: record.legs });
  expect(detail.snapshotUrl).toMatch(/^\/api\/snapshots\/.*signature=/);
  // The signature is right; the picture itself was never stored here.
  expect((await portal.ask(detail.snapshotUrl ?? "")).status).toBe(404);
});

it("shows one organisation nothing of another's", async () => {
  const { record, door } = await withCall();
  const stranger = await somebody();
  expect(doorList.parse(await json(await stranger.portal.ask("/api/doors")))).toEqual({ doors: [] });
  expect(callList.parse(await json(await stranger.portal.ask("/api/calls")))).toMatchObject({ calls: [], total: 0 });
  expect((await stranger.portal.ask(`/api/calls/${record.callId}`)).status).toBe(404);
  const own = virtualStation.parse(await json(await stranger.portal.ask("/api/virtual-station", { body: {} })));
  expect(own.deviceId).not.toBe(door);
  expect(me.parse(await json(await stranger.portal.ask("/api/me"))).organisation.id).toBe(stranger.organisationId);
});

it("pages through a long history without losing or doubling a call", async () => {
  const { portal, db, door, organisationId, record } = await withCall();
  const all = [record.callId];
  for (let n = 0; n < 60; n++) {
    const one = recordOf({ organisationId, door });
    all.push(one.callId);
    await saveCall(db, one);
  }
  const first = callList.parse(await json(await portal.ask("/api/calls")));
  expect([first.calls.length, first.total]).toEqual([50, 61]);
  const second = callList.parse(await json(await portal.ask(`/api/calls?cursor=${first.next}`)));
  expect([second.calls.length, second.next]).toEqual([11, undefined]);
  expect(new Set([...first.calls, ...second.calls].map(({ callId }) => callId))).toEqual(new Set(all));
});

it("presses no virtual station that is not there", async () => {
  const { portal } = await somebody();
  expect((await portal.ask("/api/virtual-station/press", { method: "POST" })).status).toBe(503);
});

it("says what the check page needs, and whether the parts are well", async () => {
  const { portal } = await somebody();
  expect(check.parse(await json(await portal.ask("/api/check")))).toEqual({
    iceServers: [{ urls: ["stun:localhost:3478"] }],
  });
  expect(health.parse(await json(await new Portal().ask("/health")))).toEqual({
    status: "ok",
    parts: { edge: "ok", database: "ok" },
  });
});

it("describes every route in an OpenAPI 3.1 document, with who may call it", async () => {
  const document = await json(await new Portal().ask("/api/openapi.json"));
  expect(document).toMatchObject({
    openapi: "3.1.0",
    paths: {
      "/api/doors": { get: { security: [{ session: [] }], description: "For who may `see-doors`." } },
      "/api/calls/{callId}": { get: { parameters: [{ name: "callId", in: "path", required: true }] } },
      "/api/auth/sign-in/email": { post: { requestBody: {} } },
    },
  });
});

it("carries its headers on every answer", async () => {
  const response = await new Portal().ask("/health");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  });
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});
