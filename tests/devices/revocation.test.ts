/** A device that is revoked while it holds on to everything it has: its connections, and a saved TLS session. Mosquitto is the broker. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { claimProgress, statusKept } from "#core/messages/claiming.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type PortalApi, portalApi } from "../support/portal-api.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";

let platform: Platform;
let mara: PortalApi;
let station: ReferenceStation;
let deviceId: string;
let own: { cert: string; key: string; ca: string };

beforeAll(async () => {
  platform = await startPlatform({ MQTT_BROKER: "mosquitto" });
  mara = await portalApi(platform.origin, platform.accounts.mara);
  station = startReferenceStation(["new", "--device", "R-1"], stationSettings(platform));
  const { code } = await station.told("unclaimed");
  station.type("press");
  await station.told("present");
  const claim = await mara.post("/api/claims", { code });
  deviceId = claimProgress.parse(await claim.json()).deviceId;
  await station.told("registered");
  const read = (name: string) => readFileSync(join(platform.dataDir, "pki", name), "utf8");
  own = { cert: read("devices/R-1.pem"), key: read("devices/R-1.key"), ca: read("server-ca.pem") };
});
afterAll(async () => {
  await station?.stop();
  await platform?.stop();
});

/** Asks over this agent's connection, without more for the device's configuration. Rejects where the connection is ended. */
async function askOver(agent: https.Agent, asked: https.RequestOptions = { path: "/device/configuration", ...own }) {
  const port = platform.ports.DEVICE_HTTPS_PORT;
  const request = https.get({ agent, host: "localhost", port, ...asked });
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

const dial = (session?: Buffer): TLSSocket =>
  connect({ host: "localhost", port: platform.sipPort, ...own, ...(session ? { session } : {}) });

/** How many devices the broker has. */
async function overMqtt(): Promise<number> {
  const { devices } = await (await fetch(`http://127.0.0.1:${platform.ports.MQTT_HEALTH_PORT}`)).json();
  return devices;
}

/** What Mosquitto's client says who comes by the device's certificate. */
function subscribe(): Promise<string> {
  const pki = (name: string) => join(platform.dataDir, "pki", name);
  const tls = ["--cafile", pki("server-ca.pem"), "--cert", pki("devices/R-1.pem"), "--key", pki("devices/R-1.key")];
  const about = ["-h", "localhost", "-p", String(platform.ports.MQTT_PORT), ...tls, "-i", deviceId, "-W", "10"];
  return promisify(execFile)("mosquitto_sub", [...about, "-C", "1", "-t", `symphony/1/${deviceId}/down/#`]).then(
    ({ stdout }) => stdout,
    (error) => String(error.stderr),
  );
}

const keepAlive = "\r\n\r\n"; // RFC 5626 §3.5.1: answered by one line end

/** Whether the gateway takes the connection: it answers a keep-alive. */
async function isTaken(socket: TLSSocket): Promise<boolean> {
  socket.on("error", () => undefined);
  socket.write(keepAlive);
  return Promise.race([once(socket, "data").then(() => true), once(socket, "close").then(() => false)]);
}

test("HTTPS, MQTT, SIP and a saved session end within a minute of the revocation, and nothing gets in any more", async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  expect(await askOver(agent)).toBeLessThan(300);
  const [held] = Object.values(agent.freeSockets).flat();
  if (!held) throw new Error("HTTPS was not kept open");
  const sip = dial();
  const saved = once(sip, "session");
  expect(await isTaken(sip)).toBe(true);
  const [session] = await saved;
  const again = dial(session);
  expect(await isTaken(again)).toBe(true);
  again.destroy();
  await vi.waitFor(async () => expect(await overMqtt()).toBe(1), { timeout: 15_000, interval: 100 });

  const revokedAt = Date.now();
  const gone = [once(sip, "close"), once(held, "close"), station.told("disconnected")];
  expect((await mara.post(`/api/devices/${deviceId}/revoke`)).status).toBe(204);
  // Gateway and broker are told, and do not wait until they ask.
  await vi.waitFor(async () => expect(await overMqtt()).toBe(0), { timeout: 5_000, interval: 100 });
  await Promise.all(gone);
  expect(Date.now() - revokedAt).toBeLessThan(statusKept);

  expect(await subscribe()).toMatch(/not authorised/i);
  expect(await isTaken(dial())).toBe(false);
  expect(await isTaken(dial(session))).toBe(false);
  await expect(askOver(new https.Agent())).rejects.toThrow();
  // Nor is it that nobody is let in any more.
  expect((await fetch(`http://127.0.0.1:${platform.ports.GATEWAY_HEALTH_PORT}/health`)).status).toBe(200);
  expect(await askOver(new https.Agent(), { path: "/.well-known/est/cacerts", ca: own.ca })).toBe(200);
  const doors = await (await mara.get("/api/doors")).json();
  expect(doors.doors.find((door: { deviceId: string }) => door.deviceId === deviceId)).toMatchObject({ online: false });
});
