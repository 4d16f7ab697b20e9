/** Other makers' cameras: their credentials go to the one device that needs them, and nowhere else. */
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it, vi } from "vitest";
import { type CamerasNotAsked, type DesiredMessage, desiredMessage } from "#core/device/configuration.ts";
import type { UpMessage } from "#core/messages/device.ts";
import { deviceDetail } from "#core/messages/device-api.ts";
import { doorList, virtualStation } from "#core/messages/portal-api.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { holderOf } from "#db/queries/identities.ts";
import { deviceConfiguration } from "#db/schema/configuration.ts";
import { bring } from "../testing/broker.ts";
import { claimedDevice } from "../testing/claimed.ts";
import { askAs, newMaker } from "../testing/factory.ts";

const maker = await newMaker();
const credentials = { user: "station", password: "correct horse: b@ttery/staple" };
const secret = "correct horse";
const yard = {
  id: "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0009",
  name: "Yard",
  address: "rtsp://10.20.4.7/stream",
  shown: "instead",
} as const;

async function withDevice() {
  const device = await claimedDevice(maker);
  const { portal, deviceId: id, own } = device;
  const path = `/api/devices/${id}`;
  const look = async () => deviceDetail.parse(await (await portal.ask(path)).json());
  const set = async (cameras: object[]) =>
    portal.ask(path, { method: "PATCH", body: { version: (await look()).version, cameras } });
  /** What the device itself is told over HTTPS. */
  const told = async (): Promise<DesiredMessage> =>
    desiredMessage.parse(await (await askAs(own, "/device/configuration")).json());
  const say = (message: UpMessage) => bring(id, message);
  const owner = await holderOf(connectDb(env), id);
  if (!owner) throw new Error("nobody's");
  const db = organisationDb(connectDb(env), owner);
  const mine = eq(deviceConfiguration.deviceId, id);
  const stored = async () => (await db.select().from(deviceConfiguration).where(mine))[0];
  const put = (sealedCredentials: unknown) => db.update(deviceConfiguration).set({ sealedCredentials }).where(mine);
  return { ...device, path, look, set, told, say, stored, put };
}

const report = (configuration: Record<string, never>): UpMessage => ({
  kind: "reported",
  body: { version: 0, configuration, firmware: "1" },
});

it("tells a camera's password to its device, and to no page, other device, audit, log or table", async () => {
  const said = [vi.spyOn(console, "log"), vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
  const [device, other] = [await withDevice(), await withDevice()];
  await other.set([{ ...yard, name: "Other yard" }]);
  const changed = await device.set([{ ...yard, credentials }]);
  const shown = await changed.text();
  expect(deviceDetail.parse(JSON.parse(shown)).configuration.cameras).toEqual([
    { ...yard, hasPassword: true, silent: false, notAsked: null },
  ]);

  expect((await device.told()).cameraCredentials).toEqual({ [yard.id]: credentials });
  const overBroker = JSON.stringify(await device.say(report({})));
  expect(overBroker).toContain(secret);

  const elsewhere = [
    shown,
    ...(await Promise.all(
      [device.path, "/api/devices", "/api/doors", `${device.path}/commands`].map(async (path) =>
        (await device.portal.ask(path)).text(),
      ),
    )),
    await (await askAs(other.own, "/device/configuration")).text(),
    JSON.stringify(await other.say(report({}))),
    JSON.stringify(await device.stored()),
    JSON.stringify(said.flatMap(({ mock }) => mock.calls)),
  ];
  expect(said[0]?.mock.calls).not.toEqual([]);
  for (const text of elsewhere) expect(text).not.toContain(secret);
  const { changes } = await device.look();
  expect(changes).toContainEqual(
    expect.objectContaining({ action: "change-cameraCredentials", before: null, after: ["Yard"] }),
  );
  expect(JSON.stringify(changes)).not.toContain(credentials.user);
});

it("leaves a password that isn't named as it is, and forgets it when told to, or when the address is another", async () => {
  const { set, told, look } = await withDevice();
  await set([{ ...yard, credentials }]);
  await set([{ ...yard, name: "Courtyard" }]);
  expect(await told()).toMatchObject({
    configuration: { cameras: [{ name: "Courtyard" }] },
    cameraCredentials: { [yard.id]: credentials },
  });
  // Whoever points the camera at a server of their own must know the password already.
  await set([{ ...yard, address: "rtsp://203.0.113.9/stream" }]);
  expect((await told()).cameraCredentials).toEqual({});
  await set([{ ...yard, credentials }]);
  await set([{ ...yard, credentials: null }]);
  expect((await told()).cameraCredentials).toEqual({});
  expect((await look()).configuration.cameras).toMatchObject([{ hasPassword: false }]);
});

it("opens no password that was put in another camera's or device's place, and tells the rest all the same", async () => {
  const [device, other] = [await withDevice(), await withDevice()];
  const gate = { ...yard, id: crypto.randomUUID(), name: "Gate" };
  await device.set([{ ...yard, credentials }, gate]);
  await other.set([yard]);
  const sealed = Object.values(Object((await device.stored())?.sealedCredentials))[0];
  await device.put({ [gate.id]: sealed });
  await other.put({ [yard.id]: sealed });
  expect(await device.told()).toMatchObject({ configuration: { cameras: [yard, gate] }, cameraCredentials: {} });
  expect(await other.told()).toMatchObject({ configuration: { cameras: [yard] }, cameraCredentials: {} });
});

it("keeps no password of a device that was given up", async () => {
  const { portal, path, set, stored } = await withDevice();
  await set([{ ...yard, credentials }]);
  expect((await stored())?.sealedCredentials).not.toEqual({});
  await portal.ask(`${path}/release`, { method: "POST" });
  expect((await stored())?.sealedCredentials).toEqual({});
});

it("shows a camera that doesn't answer, until it does", async () => {
  const { portal, set, say, look } = await withDevice();
  await set([yard]);
  const states = (silentCameras: string[], camerasNotAsked: CamerasNotAsked = {}) =>
    say({ kind: "states", body: { states: [], contact: "none", silentCameras, camerasNotAsked } });
  expect((await states([yard.id])).outcome).toBe("stored");
  expect((await look()).configuration.cameras).toMatchObject([{ name: "Yard", silent: true, notAsked: null }]);
  const { doors } = doorList.parse(await (await portal.ask("/api/doors")).json());
  expect(doors).toMatchObject([{ silentCameras: ["Yard"] }]);
  for (const why of ["not-public", "too-many"] as const) {
    await states([yard.id], { [yard.id]: why });
    expect((await look()).configuration.cameras).toMatchObject([{ silent: true, notAsked: why }]);
  }
  await states([]);
  expect((await look()).configuration.cameras).toMatchObject([{ name: "Yard", silent: false, notAsked: null }]);
});

it("refuses credentials that can't be sent, and repeats none of them", async () => {
  const { set } = await withDevice();
  for (const wrong of [
    { user: "a:b", password: `${secret}\n` },
    { user: "", password: secret },
    { password: secret },
  ]) {
    const response = await set([{ ...yard, credentials: wrong }]);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain(secret);
  }
});

it("takes a camera for the virtual station at no address that is not public, as the media node would be the one to ask there", async () => {
  const { portal } = await withDevice();
  const made = await portal.ask("/api/virtual-station", { method: "POST" });
  const path = `/api/devices/${virtualStation.parse(await made.json()).deviceId}`;
  const set = async (address: string) => {
    const { version } = deviceDetail.parse(await (await portal.ask(path)).json());
    return portal.ask(path, { method: "PATCH", body: { version, cameras: [{ ...yard, address }] } });
  };
  for (const host of ["10.20.4.7", "127.1", "[::1]", "169.254.169.254"]) {
    const refused = await set(`rtsp://${host}:8554/stream`);
    expect([host, refused.status, Object(await refused.json()).code]).toEqual([host, 422, "camera-not-public"]);
  }
  for (const host of ["camera.example", "8.8.8.8"]) expect((await set(`rtsps://${host}/stream`)).status).toBe(200);
});
