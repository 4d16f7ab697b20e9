import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { problem as problemBody, type Role, role } from "#core/messages/portal-api.ts";
import { problem } from "../http/problem.ts";
import { isOpen } from "../http/route.ts";
import { routes } from "../index.ts";
import { Portal, somebody } from "../testing/portal.ts";

const aCall = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c00ff";
const addressOf = (path: string) =>
  path
    .replace("{token}", "token")
    .replace("{serial}", "4a")
    .replaceAll(/\{\w+\}/g, aCall);
const signedIn = routes.filter(({ allow }) => !isOpen(allow));
/** Whoever left may do nothing more. */
const leavingLast = signedIn.toSorted(
  (one, other) => Number(one.path === "/api/leave") - Number(other.path === "/api/leave"),
);

async function refusal(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = problemBody.parse(await response.json());
  expect(body.status).toBe(response.status);
  expect(body).toMatchObject(await problem(body.status, body.code, body.detail).json<object>());
  return body;
}

describe("nobody signed in", () => {
  it.each(signedIn.map(({ method, path }) => [method.toUpperCase(), path]))(
    "is refused %s %s",
    async (method, path) => {
      const response = await new Portal().ask(addressOf(path), { method });
      expect(response.status).toBe(401);
      expect((await refusal(response)).code).toBe("signed-out");
    },
  );
});

/** Who else than an owner is let in, by hand: a route that names the wrong action would agree with its own table. */
const onlyFor: [others: readonly Role[], routes: string][] = [
  [[], "POST /api/ownership"],
  [
    ["administrator"],
    `POST /api/devices/{deviceId}/allow, POST /api/devices/{deviceId}/release, POST /api/devices/{deviceId}/revoke,
     GET /api/devices/{deviceId}/transfer, POST /api/devices/{deviceId}/transfer, DELETE /api/devices/{deviceId}/transfer,
     POST /api/transfer, POST /api/transfer/take, POST /api/transfer/refuse,
     GET /api/people, DELETE /api/people/{userId}, PUT /api/people/{userId}/role, POST /api/people/{userId}/shares,
     POST /api/invitations, DELETE /api/invitations/{invitationId}, DELETE /api/shares/{shareId},
     GET /api/teams, POST /api/teams, PATCH /api/teams/{teamId}, DELETE /api/teams/{teamId}, POST /api/teams/{teamId}/shares,
     PUT /api/teams/{teamId}/members/{userId}, DELETE /api/teams/{teamId}/members/{userId},
     GET /api/audit, GET /api/audit/people`,
  ],
  [
    ["administrator", "installer"],
    `PATCH /api/devices/{deviceId}, POST /api/devices/{deviceId}/differences, POST /api/devices/{deviceId}/commands,
     DELETE /api/devices/{deviceId}/failed-update, POST /api/devices/bulk, POST /api/sites, PATCH /api/sites/{siteId},
     GET /api/devices/{deviceId}/logs, POST /api/devices/{deviceId}/logs, GET /api/devices/{deviceId}/logs/{logId},
     PATCH /api/firmware, PATCH /api/firmware/sites/{siteId}, PATCH /api/firmware/devices/{deviceId},
     POST /api/rollouts, POST /api/rollouts/{rolloutId}, POST /api/virtual-station, POST /api/virtual-station/press`,
  ],
  [["administrator", "installer", "resident"], "POST /api/claims, GET /api/claims/{claimId}"],
  [
    ["administrator", "installer", "operator"],
    `GET /api/devices, GET /api/devices/{deviceId}, GET /api/devices/{deviceId}/commands, GET /api/sites,
     GET /api/firmware, GET /api/firmware/devices/{deviceId}, GET /api/rollouts/{rolloutId}`,
  ],
];

it.each(role.options)("refuses who is %s what is for others, and nothing else", async (one) => {
  const { portal } = await somebody(one);
  const refused: string[] = [];
  for (const { method, path } of leavingLast) {
    const { status } = await portal.ask(addressOf(path), { method: method.toUpperCase() });
    if (status === 403) refused.push(`${method.toUpperCase()} ${path}`);
  }
  const others = onlyFor.filter(([roles]) => one !== "owner" && !roles.includes(one));
  expect(refused.toSorted()).toEqual(others.flatMap(([, routes]) => routes.split(/,\s+/)).toSorted());
});

it("refuses pages of another origin whatever changes something, and their sockets", async () => {
  const { portal } = await somebody();
  const foreign = { origin: "https://evil.example" };
  for (const { method, path } of routes.filter((one) => one.method !== "get")) {
    const response = await portal.ask(addressOf(path), { method: method.toUpperCase(), headers: foreign });
    expect([response.status, (await refusal(response)).code], path).toEqual([403, "wrong-origin"]);
  }
  const socket = await portal.ask("/api/live", { headers: { ...foreign, upgrade: "websocket" } });
  expect(socket.status).toBe(403);
});

it("says 404 where nothing is, 405 where the method is not known, 426 where a socket is meant", async () => {
  const { portal } = await somebody();
  expect((await refusal(await portal.ask("/api/nothing"))).status).toBe(404);
  expect((await refusal(await portal.ask("/api/calls/no-uuid"))).status).toBe(404);
  expect((await refusal(await portal.ask(`/api/calls/${aCall}`))).code).toBe("no-such-call");
  const response = await portal.ask("/api/doors", { method: "DELETE" });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
  expect((await refusal(await portal.ask("/api/live"))).status).toBe(426);
});

it("says what is wrong with a question", async () => {
  const { portal } = await somebody();
  for (const query of ["cursor=1_2", "outcome=eaten", "opened=perhaps", `search=${"x".repeat(101)}`]) {
    const body = await refusal(await portal.ask(`/api/calls?${query}`));
    expect([body.status, body.code]).toEqual([400, "bad-request"]);
    expect(body.detail).toContain(query.split("=")[0]);
  }
});

it("takes no media node without its token, and no picture without its call's", async () => {
  const portal = new Portal();
  const bearer = { authorization: "Bearer wrong" };
  for (const authorization of ["", "Bearer ", "Bearer wrong", `Basic ${env.MEDIA_NODE_TOKEN}`]) {
    const headers = { upgrade: "websocket", authorization };
    expect((await refusal(await portal.ask("/media-node/link", { headers }))).status).toBe(401);
  }
  expect((await refusal(await portal.ask("/metrics", { headers: bearer }))).status).toBe(401);
  const picture = { method: "PUT", headers: { ...bearer, "content-type": "image/jpeg" }, body: "x" };
  expect((await refusal(await portal.ask(`/media-node/snapshots/${aCall}`, picture))).status).toBe(401);
});

it("gives out no picture by an address that is not signed, or not any more", async () => {
  const portal = new Portal();
  const later = Date.now() + 60_000;
  for (const query of ["", `?expires=${later}`, `?expires=${later}&signature=wrong`, "?expires=1&signature=wrong"]) {
    expect((await refusal(await portal.ask(`/api/snapshots/${aCall}${query}`))).status).toBe(403);
  }
});
