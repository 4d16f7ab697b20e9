import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { may } from "#core/access/permissions.ts";
import { problem as problemBody } from "#core/messages/portal-api.ts";
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

it("refuses a viewer what the table of permissions does not give them, and nothing else", async () => {
  const { portal } = await somebody("viewer");
  for (const { method, path, allow } of leavingLast) {
    const response = await portal.ask(addressOf(path), { method: method.toUpperCase() });
    const allowed = allow === "signed-in" || (!isOpen(allow) && may("viewer", allow));
    expect(response.status === 403, path).toBe(!allowed);
  }
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
