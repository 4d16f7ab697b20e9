/** Station → gateway → LiveKit → person and back. The station and LiveKit are real; the edge and the person are the test's. */
import { randomInt, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { commandId } from "#core/messages/values.ts";
import { deviceCertificateIn } from "#media-nodes/pki/device-authority.ts";
import { pictureCodes } from "../../station/picture-code.ts";
import { startBaresip } from "../support/baresip.ts";
import { randomPictureCode, writeStationCamera } from "../support/camera.ts";
import type { FakeEdge } from "../support/fake-edge.ts";
import { type GatewayWorld, near, newDevice, newLeg, soon, startGatewayWorld } from "../support/gateway-world.ts";
import { dominantTone, part, randomTone, writeToneFile } from "../support/tone.ts";

const base = 23_000;
let world: GatewayWorld;
let edge: FakeEdge;

beforeAll(async () => {
  world = await startGatewayWorld(base);
  edge = world.edge;
}, 300_000);
afterEach(() => world.clear());
afterAll(() => world?.stop());

describe("a press", () => {
  test("is heard and seen before the answer, and afterwards both hear and see each other, and nobody else", async () => {
    const door = await world.station("press");
    const [winner, loser] = [newLeg(), newLeg()];
    const press = await world.pressed(door.device, [winner, loser]);
    expect(press).toMatchObject({ button: "reception", video: true });

    const [mara, jonas] = await Promise.all([
      world.person(press.callId, winner, press.legId),
      world.person(press.callId, loser, press.legId),
    ]);
    const stranger = await world.person(press.callId, newLeg(), press.legId);
    for (const one of [mara, jonas]) {
      await soon(() => expect(near(one.heard().tone ?? 0, door.tone)).toBe(true));
      await soon(() => expect([...one.codes]).toContain(door.code));
    }
    const jpeg = await edge.snapshot(press.path);
    expect(jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(stranger.packets).toBe(0);
    // This world has no time server.
    const told = door.station.events.map(({ event }) => event).filter((event) => !event.startsWith("time"));
    expect(told).toEqual(["registered", "pressed", "ringing", "early-media"]);

    world.answer(press.callId, winner);
    await edge.told("answered", (message) => message.callId === press.callId);
    await door.station.told("answered");
    const tone = randomTone();
    const code = randomInt(pictureCodes);
    await mara.talk(tone, code);
    await door.station.told("heard-tone", ({ hertz }) => hertz !== null && near(hertz, tone));
    await door.station.told("picture-code", (seen) => seen.code === code);
    mara.heard();
    const lost = jonas.packets;
    const from = Date.now();
    await door.station.told("heard-tone", ({ at }) => at > from + 1_000);
    expect(jonas.packets).toBe(lost);
    expect(near(mara.heard().tone ?? 0, door.tone)).toBe(true);

    edge.say({ type: "end", callId: press.callId, reason: "hung-up-by-person" });
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 200, reason: "bye-received" });
  });

  test("is not heard any more by whom the edge dismisses, whose token may still join, and goes on for the others", async () => {
    const door = await world.station("press");
    const [stays, goes] = [newLeg(), newLeg()];
    const press = await world.pressed(door.device, [stays, goes]);
    const mara = await world.person(press.callId, stays, press.legId);
    const jonas = await world.person(press.callId, goes, press.legId);
    for (const one of [mara, jonas]) await soon(() => expect(near(one.heard().tone ?? 0, door.tone)).toBe(true));
    edge.say({ type: "dismiss", callId: press.callId, listeners: [goes] });
    await soon(async () => expect(await world.present(press.callId)).not.toContain(goes));
    const again = await world.person(press.callId, goes, press.legId);
    mara.heard();
    await soon(() => expect(near(mara.heard().tone ?? 0, door.tone)).toBe(true));
    expect(again.packets).toBe(0);
    edge.say({ type: "end", callId: press.callId, reason: "declined" });
  });

  test("that the visitor gives up is told as left, and rings nobody any more", async () => {
    const door = await world.station("press", ["--cancel-after", "400"]);
    const press = await edge.told("press", ({ deviceId }) => deviceId === door.device);
    await edge.told("caller-left", ({ callId }) => callId === press.callId);
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 487 });
  });

  test("that nobody answers ends with a status that says so", async () => {
    const door = await world.station("press");
    const press = await world.pressed(door.device, [newLeg()]);
    edge.say({ type: "end", callId: press.callId, reason: "no-answer" });
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 480, reason: "No Answer" });
  });

  test("that the edge says nothing to is refused in bounded time", async () => {
    const door = await world.station("press");
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 504 });
    const press = await edge.told("press", ({ deviceId }) => deviceId === door.device);
    await edge.told("caller-left", ({ callId }) => callId === press.callId);
  });

  test("ends when the station hangs up", async () => {
    const door = await world.station("press", ["--hang-up-after", "300"]);
    const winner = newLeg();
    const press = await world.pressed(door.device, [winner]);
    world.answer(press.callId, winner);
    const ended = await edge.told("call-ended", ({ callId }) => callId === press.callId);
    expect(ended.reason).toBe("hung-up-by-station");
  });

  test("while the edge is away is refused at once with the time to try again, and the gateway comes back by itself", async () => {
    const door = await world.station("listen");
    await edge.told("registered", ({ deviceId }) => deviceId === door.device);
    const before = edge.said.length;
    edge.away();
    await soon(async () => expect((await world.health()).edge).toBe("down"));
    door.station.type("press");
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 503, reason: "Edge Unreachable" });
    edge.back();
    const hello = () => edge.said.slice(before).find((message) => message.type === "hello");
    await soon(() => expect(hello()).toBeDefined());
    expect(hello()).toMatchObject({ registrations: [{ deviceId: door.device, contact: "closed" }] });
  });

  test("goes on while the edge is away, and its end is told when the edge is back", async () => {
    const door = await world.station("press");
    const winner = newLeg();
    const press = await world.pressed(door.device, [winner]);
    world.answer(press.callId, winner);
    await edge.told("answered", ({ callId }) => callId === press.callId);
    edge.away();
    await soon(async () => expect((await world.health()).edge).toBe("down"));
    expect((await world.health()).liveCalls).toBe(1);
    door.station.type("hang-up");
    door.station.kill();
    await soon(async () => expect((await world.health()).liveCalls).toBe(0));
    edge.back();
    const ended = await edge.told("call-ended", ({ callId }) => callId === press.callId);
    expect(ended.reason).toBe("station-lost");
  });
});

describe("a call to a station", () => {
  test("is answered by it after a while, and both hear each other, and the station is seen", async () => {
    const door = await world.station("listen", ["--answer-after", "500"]);
    await edge.told("registered", ({ deviceId }) => deviceId === door.device);
    const { callId: call, legId: leg, caller } = world.invite(door.device, 'Mara "Lenz" Müller');
    await edge.told("room-ready", (message) => message.callId === call);
    const mara = await world.person(call, caller, leg, true);
    await edge.told("station-answered", (message) => message.callId === call);
    const tone = randomTone();
    await mara.talk(tone, 5);
    await door.station.told("heard-tone", ({ hertz }) => hertz !== null && near(hertz, tone));
    await soon(() => expect(near(mara.heard().tone ?? 0, door.tone)).toBe(true));
    await soon(() => expect([...mara.codes]).toContain(door.code));
    edge.say({ type: "end", callId: call, reason: "hung-up-by-person" });
    await door.station.told("ended");
  });

  test("that is away is refused at once", async () => {
    const call = world.invite(newDevice());
    const refused = await edge.told("station-refused", ({ callId }) => callId === call.callId);
    expect(refused.sipStatus).toBe(480);
  });
});

test("a talk that the edge does not end is ended by the gateway a second after its time, whoever called", async () => {
  const pressing = await world.station("press");
  const winner = newLeg();
  const press = await world.pressed(pressing.device, [winner]);
  world.answer(press.callId, winner, Date.now() + 300);
  const called = await world.station("listen");
  await edge.told("registered", ({ deviceId }) => deviceId === called.device);
  const placed = world.invite(called.device, "Mara", 300);
  const answers = [
    edge.told("answered", ({ callId }) => callId === press.callId),
    edge.told("station-answered", ({ callId }) => callId === placed.callId),
  ];
  for (const { callId, at } of await Promise.all(answers)) {
    const ended = await edge.told("call-ended", (message) => message.callId === callId);
    expect(ended.reason).toBe("time-limit");
    expect(ended.at - at).toBeGreaterThan(900);
    expect(ended.at - at).toBeLessThan(3_000);
  }
  for (const { station } of [pressing, called])
    expect(await station.told("ended")).toMatchObject({ sipStatus: 200, reason: "bye-received" });
});

describe("a door command", () => {
  test("fires once, is confirmed, and the door is seen to open and to close", async () => {
    const door = await world.station("listen");
    await edge.told("contact", ({ deviceId, contact }) => deviceId === door.device && contact === "closed");
    const command = {
      type: "command",
      commandId: commandId.parse(randomUUID()),
      deviceId: door.device,
      output: 1,
      pulse: 200,
      expiresAt: Date.now() + 5_000,
    } as const;
    const reached = (state: string) =>
      edge.told("command-state", (said) => said.commandId === command.commandId && said.state === state);
    edge.say(command);
    await reached("sent");
    await reached("confirmed");
    await reached("open");
    edge.say(command);
    await reached("closed");
    await door.station.told("output-refused", ({ why }) => why === "repeated");
    expect(door.station.events.filter(({ event }) => event === "output-fired")).toHaveLength(1);
  });

  test("for a station that is away fails at once and is not kept", async () => {
    const id = commandId.parse(randomUUID());
    const device = newDevice();
    edge.say({
      type: "command",
      commandId: id,
      deviceId: device,
      output: 1,
      pulse: 200,
      expiresAt: Date.now() + 5_000,
    });
    const said = await edge.told("command-state", ({ commandId }) => commandId === id);
    expect(said).toMatchObject({ state: "failed", reason: "offline" });
  });
});

test("a virtual station registers, presses, and stays", async () => {
  const device = newDevice();
  edge.say({ type: "virtual-press", deviceId: device });
  await edge.told("registered", ({ deviceId }) => deviceId === device);
  const press = await edge.told("press", ({ deviceId }) => deviceId === device);
  edge.say({ type: "refuse", callId: press.callId, sipStatus: 480, reason: "nobody-available" });
  edge.say({ type: "virtual-press", deviceId: device });
  await edge.told("press", ({ deviceId, callId }) => deviceId === device && callId !== press.callId);
});

/** Holds the one talk there is; resolves once five looks in a row found nothing more sent, with what was sent until then. */
async function held(hold: () => void): Promise<number> {
  hold();
  let [sent, quiet] = [0, 0];
  await soon(async () => {
    const now = await world.sentToStations();
    quiet = now === sent ? quiet + 1 : 0;
    sent = now;
    expect(quiet).toBeGreaterThan(4);
  });
  return sent;
}

describe("a plain phone that we did not write", () => {
  test("presses, is heard and seen early and talked to, takes a door command as a digit in its call, holds and resumes", async () => {
    const device = newDevice();
    const files = await deviceCertificateIn(join(world.folder, "pki"), device);
    const certificate = join(world.folder, "phone.pem");
    writeFileSync(certificate, readFileSync(files.certificate, "utf8") + readFileSync(files.key, "utf8"));
    const [tone, code] = [randomTone(), randomPictureCode()];
    writeToneFile(join(world.folder, "tone.wav"), tone);
    await writeStationCamera(join(world.folder, "camera.mp4"), code);
    const phone = await startBaresip({
      folder: join(world.folder, "baresip"),
      deviceId: device,
      certificate,
      serverAuthority: join(world.folder, "pki", "server-ca.pem"),
      registrar: { host: "127.0.0.1", port: world.sipPort },
      ports: { sip: base + 700, control: base + 710, rtp: base + 720 },
      microphone: join(world.folder, "tone.wav"),
      camera: join(world.folder, "camera.mp4"),
    });
    try {
      await edge.told("registered", ({ deviceId }) => deviceId === device);
      phone.command("dial", `sip:reception@127.0.0.1:${world.sipPort}`);
      const winner = newLeg();
      const press = await world.pressed(device, [winner]);
      const mara = await world.person(press.callId, winner, press.legId);
      await soon(() => expect(near(mara.heard().tone ?? 0, tone)).toBe(true));
      await soon(() => expect([...mara.codes]).toContain(code));
      world.answer(press.callId, winner);
      await edge.told("answered", ({ callId }) => callId === press.callId);
      const ours = randomTone();
      await mara.talk(ours, 1);
      // A second of it, so that there is something to measure: 50 packets.
      const before = await world.sentToStations();
      await soon(async () => expect(await world.sentToStations()).toBeGreaterThan(before + 50));
      const id = commandId.parse(randomUUID());
      edge.say({
        type: "command",
        commandId: id,
        deviceId: device,
        output: 1,
        pulse: 200,
        expiresAt: Date.now() + 5_000,
      });
      await edge.told("command-state", (said) => said.commandId === id && said.state === "confirmed");
      const heldSince = await held(() => phone.command("hold"));
      phone.command("resume");
      await soon(async () => expect(await world.sentToStations()).toBeGreaterThan(heldSince + 5));
      phone.command("hangup");
      const ended = await edge.told("call-ended", ({ callId }) => callId === press.callId);
      expect(ended.reason).toBe("hung-up-by-station");
      // It writes what it heard when the call is over.
      await soon(() => expect(near(dominantTone(part(phone.heard(), -1)) ?? 0, ours)).toBe(true));
    } finally {
      await phone.stop();
    }
  });
});

test("health and metrics tell what lives here", async () => {
  expect(await world.health()).toMatchObject({ status: "ok", edge: "up" });
  const metrics = await world.metrics();
  expect(metrics).toMatch(/^symphony_gateway_edge_link_up 1$/m);
  expect(metrics).toMatch(/^symphony_gateway_live_packets\{kind="audio",what="received"\} \d+$/m);
});
