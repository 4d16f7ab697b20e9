import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import pino from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { shownCertificates } from "#core/messages/claiming.ts";
import { type Admission, newAdmission } from "./admission.ts";

/** An edge that says what a test wants, and counts the certificates it was asked about, and how often. */
const edge = {
  status: "good" as string,
  code: 200,
  revoked: [] as string[],
  lookUps: 0,
  requests: 0,
  authorised: true,
};
const device = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001";
const server = createServer(async (request, response) => {
  edge.authorised &&= request.headers.authorization === "Bearer node";
  response.writeHead(edge.code, { "content-type": "application/json" });
  if (request.method === "POST") {
    const { serials } = shownCertificates.parse(await json(request));
    edge.requests++;
    edge.lookUps += serials.length;
    response.end(JSON.stringify({ statuses: serials.map(() => ({ status: edge.status, deviceId: device })) }));
  } else response.end(JSON.stringify({ serials: edge.revoked, next: 0 }));
});

let admission: Admission;
beforeEach(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  Object.assign(edge, { status: "good", code: 200, revoked: [], lookUps: 0, requests: 0 });
  admission = open(60_000);
});
afterEach(async () => {
  admission.close();
  server.close();
  server.closeAllConnections();
  await once(server, "close");
});

const open = (every: number) =>
  newAdmission({
    edgeUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: "node",
    log: pino({ level: "silent" }),
    every,
  });

test("a good certificate is looked up once, also when it comes twice at the same moment", async () => {
  expect(await Promise.all([admission.admit("4a"), admission.admit("4a")])).toEqual([true, true]);
  expect(await admission.admit("4a")).toBe(true);
  expect(edge.lookUps).toBe(1);
  expect(edge.authorised).toBe(true);
});

test("a thousand that come at the same moment are looked up by few requests", async () => {
  const serials = Array.from({ length: 1_000 }, (_, n) => n.toString(16));
  expect(await Promise.all(serials.map((serial) => admission.admit(serial)))).not.toContain(false);
  expect(edge.lookUps).toBe(1_000);
  expect(edge.requests).toBeLessThan(20);
});

test("a good answer counts for a minute and no longer", async () => {
  await admission.admit("4a");
  edge.status = "revoked";
  const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_001);
  expect(await admission.admit("4a")).toBe(false);
  later.mockRestore();
});

test.each(["revoked", "expired", "unknown"])(
  "a certificate that is %s does not get in, and is asked about again",
  async (status) => {
    edge.status = status;
    expect(await admission.admit("4a")).toBe(false);
    expect(await admission.admit("4a")).toBe(false);
    expect(edge.lookUps).toBe(2);
  },
);

test("while the edge can't be asked nobody new gets in, and who is in stays", async () => {
  const end = vi.fn();
  admission.hold("4a", end);
  edge.code = 503;
  await expect(admission.admit("4b")).rejects.toThrow("503");
  expect(end).not.toHaveBeenCalled();
});

test("what came in by a revoked certificate ends when it is said, and only that", async () => {
  const [mine, gone, other] = [vi.fn(), vi.fn(), vi.fn()];
  admission.hold("4a", mine);
  admission.hold("4a", gone)();
  admission.hold("4b", other);
  await admission.admit("4a");
  admission.revoked(["4a"]);
  expect([mine, gone, other].map((end) => end.mock.calls.length)).toEqual([1, 0, 0]);
  edge.status = "revoked";
  expect(await admission.admit("4a")).toBe(false);
});

test("what came in by a revoked certificate ends also where nobody says it: it is asked for", async () => {
  const asking = open(20);
  edge.revoked = ["4a"];
  await new Promise<void>((resolve) => asking.hold("4a", resolve));
  asking.close();
});
