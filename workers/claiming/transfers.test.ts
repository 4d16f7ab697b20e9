/** Devices that go from one organisation to another, through the real worker. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { codeFrom, printed } from "#core/device/claim-code.ts";
import { claimProgress } from "#core/messages/claiming.ts";
import { deviceDetail } from "#core/messages/device-api.ts";
import { auditList, peopleList } from "#core/messages/people.ts";
import { callList, doorList } from "#core/messages/portal-api.ts";
import { offeredDevice, takenDevice, transferOffered, transferState } from "#core/messages/transfers.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { saveCall } from "#db/queries/calls.ts";
import { deviceTransfer } from "#db/schema/transfer.ts";
import { recordOf } from "#db/testing/house.ts";
import { claimedDevice } from "../testing/claimed.ts";
import { askAs, certificateIn, enrol, newMaker, requestWith, statusOf } from "../testing/factory.ts";
import { colleague, linksTo, type Portal, refusal, somebody } from "../testing/portal.ts";

type Claimed = Awaited<ReturnType<typeof claimedDevice>>;

const maker = await newMaker();
const doorsOf = async (portal: Portal) =>
  doorList.parse(await (await portal.ask("/api/doors")).json()).doors.map((door) => [door.deviceId, door.name]);
const auditOf = async (portal: Portal) =>
  auditList
    .parse(await (await portal.ask("/api/audit")).json())
    .entries.map(({ what, by }) => (what.type === "change" ? [what.action, by?.name, what.before, what.after] : []));
const offer = (portal: Portal, device: DeviceId, body: object = {}) =>
  portal.ask(`/api/devices/${device}/transfer`, { body });
const take = (portal: Portal, code: string, more: object = {}) =>
  portal.ask("/api/transfer/take", { body: { code, ...more } });

async function offered({ portal, deviceId }: Claimed): Promise<string> {
  const { code } = transferOffered.parse(await (await offer(portal, deviceId)).json());
  if (code === undefined) throw new Error("no code was shown");
  return code;
}

it("who has the code sees what is offered and takes it; its history stays, its certificate dies, and it enrols by itself", async () => {
  const [device, ben] = [await claimedDevice(maker), await somebody()];
  const { portal: anna, deviceId, organisationId } = device;
  const db = organisationDb(connectDb(env), organisationId);
  await saveCall(db, recordOf({ organisationId, door: deviceId }));
  const code = await offered(device);
  expect(await statusOf(device.own.certificate)).toBe("good");
  const seen = await (await ben.portal.ask("/api/transfer", { body: { code } })).json();
  expect(offeredDevice.parse(seen)).toEqual({
    name: "WS 301V CM",
    model: "WS 301V CM",
    serial: device.serial,
    organisation: "Anna's house",
    by: "Anna",
  });

  const taken = takenDevice.parse(await (await take(ben.portal, code, { name: "Gate" })).json());
  expect(taken.deviceId).not.toBe(deviceId);
  expect(await doorsOf(anna)).toEqual([]);
  expect(await doorsOf(ben.portal)).toEqual([[taken.deviceId, "Gate"]]);
  const calls = async (portal: Portal) => callList.parse(await (await portal.ask("/api/calls")).json()).total;
  expect([await calls(anna), await calls(ben.portal)]).toEqual([1, 0]);
  expect(await statusOf(device.own.certificate)).toBe("revoked");
  expect((await enrol(device.own, device.request, "simplereenroll")).status).toBe(403);

  const certificate = await certificateIn(await enrol(device.factory, await requestWith()));
  expect(certificate.subject).toBe(`CN=${taken.deviceId}`);
  const progress = claimProgress.parse(await (await ben.portal.ask(`/api/claims/${taken.claimId}`)).json());
  expect(progress).toMatchObject({ state: "enrolled", serial: device.serial });

  const house = { organisation: "Anna's house" };
  expect((await auditOf(anna))[0]).toEqual(["give-device", "Anna", { name: "WS 301V CM" }, house]);
  expect((await auditOf(ben.portal))[0]).toEqual(["receive-device", "Anna", undefined, { name: "Gate", ...house }]);
  expect(await refusal(await take(ben.portal, code))).toEqual([404, "no-such-transfer"]);
});

it("what is offered by mail is for that address alone, and for who runs a house", async () => {
  const [device, ben, thief] = [await claimedDevice(maker), await somebody(), await somebody()];
  const viewer = await colleague(ben.portal, "viewer");
  const answer = await offer(device.portal, device.deviceId, { email: ben.email.toUpperCase() });
  expect(transferOffered.parse(await answer.json()).code).toBeUndefined();
  const link = (await linksTo(ben.email, 2)).at(-1) ?? "";
  const code = new URLSearchParams(new URL(link).hash.slice(1)).get("code") ?? "";
  expect(await refusal(await take(thief.portal, code))).toEqual([403, "other-address"]);
  expect(await refusal(await take(viewer.portal, code))).toEqual([403, "not-allowed"]);
  expect(await refusal(await take(device.portal, code))).toEqual([403, "other-address"]);
  expect((await take(ben.portal, code)).status).toBe(200);
});

/** Waits for the next word to an open portal that what it shows of the device is old. */
async function changesShown(portal: Portal, device: DeviceId) {
  const { socket, inbox } = await portal.live();
  socket.send(JSON.stringify({ type: "hello", protocol: 1, clientId: crypto.randomUUID(), available: false }));
  await inbox.next("welcome");
  return async () => {
    let changed: DeviceId | undefined;
    while (changed !== device) changed = (await inbox.next("device-changed")).deviceId;
  };
}

it("an offer that was withdrawn, refused, replaced or is over gives nothing", async () => {
  const [device, ben] = [await claimedDevice(maker), await somebody()];
  const { portal: anna, deviceId, organisationId } = device;
  const path = `/api/devices/${deviceId}/transfer`;
  const state = async () => transferState.parse(await (await anna.ask(path)).json()).offer;
  const gone = async (code: string) =>
    expect(await refusal(await take(ben.portal, code))).toEqual([404, "no-such-transfer"]);

  const withdrawn = await offered(device);
  expect(await state()).toMatchObject({ by: "Anna" });
  const shown = await changesShown(anna, deviceId);
  expect((await anna.ask(path, { method: "DELETE" })).status).toBe(204);
  await shown();
  expect(await state()).toBeUndefined();
  await gone(withdrawn);
  expect(await refusal(await anna.ask(path, { method: "DELETE" }))).toEqual([404, "no-such-transfer"]);

  const refused = await offered(device);
  await shown();
  expect((await ben.portal.ask("/api/transfer/refuse", { body: { code: refused } })).status).toBe(204);
  await shown();
  await gone(refused);

  const replaced = await offered(device);
  const late = await offered(device);
  await gone(replaced);
  const db = organisationDb(connectDb(env), organisationId);
  await db.update(deviceTransfer).set({ expiresAt: new Date(Date.now() - 1) });
  await gone(late);
  expect(await state()).toBeUndefined();
  expect(await doorsOf(anna)).toHaveLength(1);
  const told = (await auditOf(anna)).map(([action]) => action).toReversed();
  expect(told.slice(told.indexOf("offer-device"))).toEqual([
    ...["offer-device", "withdraw-device", "offer-device", "refuse-device"],
    ...["offer-device", "offer-device"],
  ]);
});

it("who offered and runs the house no more has offered nothing", async () => {
  const [device, ben] = [await claimedDevice(maker), await somebody()];
  const admin = await colleague(device.portal, "administrator");
  const offers = async () => {
    const { code = "" } = transferOffered.parse(await (await offer(admin.portal, device.deviceId)).json());
    return code;
  };
  const first = await offers();
  const role = (to: string) =>
    device.portal.ask(`/api/people/${admin.userId}/role`, { method: "PUT", body: { role: to } });
  await role("viewer");
  expect((await take(ben.portal, first)).status).toBe(404);
  await role("administrator");
  const second = await offers();
  await device.portal.ask(`/api/people/${admin.userId}`, { method: "DELETE" });
  expect((await take(ben.portal, second)).status).toBe(404);
});

it("of two who take it at once one gets it, and nobody who has it offered it to themselves", async () => {
  const [device, ben, cem] = [await claimedDevice(maker), await somebody(), await somebody()];
  const code = await offered(device);
  expect(await refusal(await take(device.portal, code))).toEqual([409, "own-device"]);
  const answers = await Promise.all([take(ben.portal, code), take(cem.portal, code)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404]);
  const doors = [await doorsOf(device.portal), await doorsOf(ben.portal), await doorsOf(cem.portal)];
  expect(doors.map(({ length }) => length).toSorted()).toEqual([0, 0, 1]);
});

it("nothing of its old house goes with it: no people, no rules, no cameras; and who it was shared with has it no more", async () => {
  const [device, ben] = [await claimedDevice(maker), await somebody()];
  const { portal: anna, deviceId } = device;
  const resident = await colleague(anna, "resident");
  await anna.ask(`/api/people/${resident.userId}/shares`, { body: { deviceId } });
  const camera = { id: crypto.randomUUID(), name: "Yard", address: "rtsp://10.0.0.7/1", shown: "beside" };
  const secret = { user: "yard", password: "only for this house" };
  const opener = { output: 1, name: "Gate", pulse: 3_000, confirm: "hold" };
  const rules = [{ when: "ringing", output: 2, name: "Light", delay: 0, enabled: true }];
  const path = `/api/devices/${deviceId}`;
  const changed = await anna.ask(path, {
    method: "PATCH",
    body: {
      version: 1,
      name: "Yard gate",
      doorOpeners: [opener],
      outputRules: rules,
      cameras: [{ ...camera, credentials: secret }],
    },
  });
  expect(changed.status, await changed.clone().text()).toBe(200);

  const { deviceId: next } = takenDevice.parse(await (await take(ben.portal, await offered(device))).json());
  const { configuration } = deviceDetail.parse(await (await ben.portal.ask(`/api/devices/${next}`)).json());
  expect(configuration).toMatchObject({ name: "Yard gate", outputRules: [], cameras: [] });
  const request = await requestWith({ keys: device.own.keys });
  const own = { ...device.own, certificate: await certificateIn(await enrol(device.factory, request)) };
  const told = await (await askAs(own, "/device/configuration")).text();
  expect(told).toContain("Yard gate");
  expect(told).not.toContain("only for this house");
  expect(told).not.toContain("10.0.0.7");
  expect((await anna.ask(path)).status).toBe(404);
  expect(await doorsOf(resident.portal)).toEqual([]);
  const { people } = peopleList.parse(await (await anna.ask("/api/people")).json());
  expect(people.flatMap(({ shares }) => shares)).toEqual([]);
});

it("trying codes is slowed down, also for who has the right one then", async () => {
  const [device, ben] = [await claimedDevice(maker), await somebody()];
  const code = await offered(device);
  const guess = () => take(ben.portal, printed(codeFrom(crypto.getRandomValues(new Uint8Array(10)))));
  for (let tries = 0; tries < 10; tries++) {
    // Looking at what one may take costs nothing, and gives no tries back.
    expect((await ben.portal.ask("/api/transfer", { body: { code } })).status).toBe(200);
    expect(await refusal(await guess())).toEqual([404, "no-such-transfer"]);
  }
  expect(await refusal(await take(ben.portal, code))).toEqual([429, "too-many-codes"]);
});
