/** Station → gateway → LiveKit → person and back. The station and LiveKit are real; the edge and the person are the test's. */
import { randomInt, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type CallId,
  callId,
  commandId,
  type DeviceId,
  deviceId,
  type LegId,
  legId,
  organisationId,
} from "#core/messages/values.ts";
import { deviceCertificateIn } from "#media-nodes/pki/folder.ts";
import { startGateway } from "#media-nodes/sip-gateway/main.ts";
import { joinRoom, type RoomParticipant } from "#media-nodes/sip-gateway/room/participant.ts";
import { readSettings } from "#media-nodes/sip-gateway/settings.ts";
import { startCamera } from "../../station/camera.ts";
import { hearing } from "../../station/hearing.ts";
import { startMicrophone } from "../../station/microphone.ts";
import { pictureCodes } from "../../station/picture-code.ts";
import { watching } from "../../station/watching.ts";
import { startLiveKit, type TestLiveKit } from "../media/livekit.ts";
import { startBaresip } from "../support/baresip.ts";
import { randomPictureCode, writeStationCamera } from "../support/camera.ts";
import { type FakeEdge, startFakeEdge } from "../support/fake-edge.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { dominantTone, part, randomTone, writeToneFile } from "../support/tone.ts";

const base = 23_000;
const sipPort = base + 61;
const folder = mkdtempSync(join(tmpdir(), "gateway-"));
const organisation = organisationId.parse("an-organisation");
let liveKit: TestLiveKit;
let edge: FakeEdge;
let stopGateway: () => Promise<void>;
const stations: ReferenceStation[] = [];
const people: Person[] = [];

beforeAll(async () => {
  liveKit = await startLiveKit(base);
  edge = await startFakeEdge(base + 20);
  const settings = readSettings({
    EDGE_URL: edge.url,
    MEDIA_NODE_TOKEN: "a token for tests only",
    LIVEKIT_URL: liveKit.url,
    LIVEKIT_API_KEY: liveKit.apiKey,
    LIVEKIT_API_SECRET: liveKit.apiSecret,
    SIP_PORT: String(sipPort),
    SRTP_PORTS: "23100-23299",
    ROOM_PORTS: "23300-23499",
    GATEWAY_HEALTH_PORT: String(base + 62),
    DATA_DIR: folder,
  });
  const level = process.env.LOG_LEVEL ?? "silent";
  stopGateway = await startGateway(settings, pino({ level }));
  await edge.told("hello");
}, 300_000);

afterEach(async () => {
  for (const person of people.splice(0)) person.leave();
  await Promise.all(stations.splice(0).map((station) => station.stop()));
});

afterAll(async () => {
  await stopGateway?.();
  await edge?.stop();
  await liveKit?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function station(mode: "press" | "listen", more: readonly string[] = []) {
  const device = deviceId.parse(randomUUID());
  await deviceCertificateIn(join(folder, "pki"), device);
  const sound = { tone: randomTone(), code: randomInt(pictureCodes) };
  const what = ["--device", device, "--tone", String(sound.tone), "--picture-code", String(sound.code)];
  const started = startReferenceStation([mode, ...what, ...more], { DATA_DIR: folder, SIP_PORT: String(sipPort) });
  stations.push(started);
  return { ...sound, device, station: started };
}

interface Person {
  participant: RoomParticipant;
  /** What arrived since it was last asked. */
  heard(): { packets: number; tone: number | undefined };
  readonly codes: ReadonlySet<number>;
  readonly packets: number;
  talk(tone: number, code: number): Promise<void>;
  leave(): void;
}

/** A browser is told when it may publish; here the server is asked. */
async function permitted(call: CallId, leg: LegId): Promise<void> {
  const service = new RoomServiceClient(liveKit.http, liveKit.apiKey, liveKit.apiSecret);
  await soon(async () => expect((await service.getParticipant(call, leg)).permission?.canPublish).toBe(true));
}

/** Joins as a browser would, with what the edge lets a browser do. */
async function person(call: CallId, leg: LegId, listenTo: LegId, publish = false): Promise<Person> {
  const token = new AccessToken(liveKit.apiKey, liveKit.apiSecret, { identity: leg, ttl: 60 });
  token.addGrant({ roomJoin: true, room: call, canPublish: publish, canPublishData: false, canSubscribe: true });
  const ears = hearing();
  const codes = new Set<number>();
  const stops: (() => void)[] = [];
  let packets = 0;
  const watch = watching(({ code }) => code !== undefined && codes.add(code));
  const participant = await joinRoom({
    url: liveKit.url,
    token: await token.toJwt(),
    ports: { first: 23_500, last: 23_699 },
    address: "127.0.0.1",
    events: {
      onRtp(kind, packet) {
        packets++;
        if (kind === "audio") ears.hear(packet);
        else watch(packet);
      },
    },
  });
  participant.listenTo(listenTo);
  // As a browser does while it has nothing to decode.
  const wanting = setInterval(() => codes.size === 0 && participant.requestKeyframe(), 1_000);
  stops.push(() => clearInterval(wanting));
  const one: Person = {
    participant,
    heard: ears.take,
    codes,
    get packets() {
      return packets;
    },
    async talk(tone, code) {
      await permitted(call, leg);
      participant.allow([listenTo]);
      await participant.publish({ video: true });
      const microphone = startMicrophone(tone, (packet) => participant.send("audio", packet));
      const camera = startCamera(code, (packet) => participant.send("video", packet));
      // A new viewer's request for a key frame may have come before the camera was there.
      const keyframes = setInterval(() => camera.requestKeyframe(), 500);
      stops.push(microphone.stop, camera.stop, () => clearInterval(keyframes));
    },
    leave() {
      for (const stop of stops.splice(0)) stop();
      participant.close();
    },
  };
  people.push(one);
  return one;
}

const near = (tone: number, wanted: number) => Math.abs(tone - wanted) <= 10;
const newLeg = () => legId.parse(randomUUID());
const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 50 });
const health = async () => (await fetch(`http://127.0.0.1:${base + 62}/health`)).json();
const inAMinute = () => Date.now() + 60_000;

async function pressed(device: DeviceId, listeners: LegId[]) {
  const press = await edge.told("press", (message) => message.deviceId === device);
  const path = `/media-node/snapshots/${press.callId}`;
  edge.say({
    type: "ringing",
    callId: press.callId,
    organisationId: organisation,
    listeners,
    ringUntil: inAMinute(),
    snapshot: { url: edge.url + path, token: "for this call" },
  });
  await edge.told("room-ready", (message) => message.callId === press.callId);
  return { ...press, path };
}

const answer = (call: CallId, winner: LegId) =>
  edge.say({ type: "answer", callId: call, winner, talkUntil: inAMinute(), warnAt: inAMinute() });

describe("a press", () => {
  test("is heard and seen before the answer, and afterwards both hear and see each other, and nobody else", async () => {
    const door = await station("press");
    const [winner, loser] = [newLeg(), newLeg()];
    const press = await pressed(door.device, [winner, loser]);
    expect(press).toMatchObject({ button: "reception", video: true });

    const [mara, jonas] = await Promise.all([
      person(press.callId, winner, press.legId),
      person(press.callId, loser, press.legId),
    ]);
    const stranger = await person(press.callId, newLeg(), press.legId);
    for (const one of [mara, jonas]) {
      await soon(() => expect(near(one.heard().tone ?? 0, door.tone)).toBe(true));
      await soon(() => expect([...one.codes]).toContain(door.code));
    }
    const jpeg = await edge.snapshot(press.path);
    expect(jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(stranger.packets).toBe(0);
    expect(door.station.events.map((event) => event.event)).toEqual([
      "registered",
      "pressed",
      "ringing",
      "early-media",
    ]);

    answer(press.callId, winner);
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

  test("that the visitor gives up is told as left, and rings nobody any more", async () => {
    const door = await station("press", ["--cancel-after", "400"]);
    const press = await edge.told("press", ({ deviceId }) => deviceId === door.device);
    await edge.told("caller-left", ({ callId }) => callId === press.callId);
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 487 });
  });

  test("that nobody answers ends with a status that says so", async () => {
    const door = await station("press");
    const press = await pressed(door.device, [newLeg()]);
    edge.say({ type: "end", callId: press.callId, reason: "no-answer" });
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 480, reason: "No Answer" });
  });

  test("that the edge says nothing to is refused in bounded time", async () => {
    const door = await station("press");
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 504 });
    const press = await edge.told("press", ({ deviceId }) => deviceId === door.device);
    await edge.told("caller-left", ({ callId }) => callId === press.callId);
  });

  test("ends when the station hangs up", async () => {
    const door = await station("press", ["--hang-up-after", "300"]);
    const winner = newLeg();
    const press = await pressed(door.device, [winner]);
    answer(press.callId, winner);
    const ended = await edge.told("call-ended", ({ callId }) => callId === press.callId);
    expect(ended.reason).toBe("hung-up-by-station");
  });

  test("while the edge is away is refused at once with the time to try again, and the gateway comes back by itself", async () => {
    const door = await station("listen");
    await edge.told("registered", ({ deviceId }) => deviceId === door.device);
    const before = edge.said.length;
    edge.away();
    await soon(async () => expect((await health()).edge).toBe("down"));
    door.station.type("press");
    expect(await door.station.told("ended")).toMatchObject({ sipStatus: 503, reason: "Edge Unreachable" });
    edge.back();
    const hello = () => edge.said.slice(before).find((message) => message.type === "hello");
    await soon(() => expect(hello()).toBeDefined());
    expect(hello()).toMatchObject({ registrations: [{ deviceId: door.device, contact: "closed" }] });
  });

  test("goes on while the edge is away, and its end is told when the edge is back", async () => {
    const door = await station("press");
    const winner = newLeg();
    const press = await pressed(door.device, [winner]);
    answer(press.callId, winner);
    await edge.told("answered", ({ callId }) => callId === press.callId);
    edge.away();
    await soon(async () => expect((await health()).edge).toBe("down"));
    expect((await health()).liveCalls).toBe(1);
    door.station.type("hang-up");
    door.station.kill();
    await soon(async () => expect((await health()).liveCalls).toBe(0));
    edge.back();
    const ended = await edge.told("call-ended", ({ callId }) => callId === press.callId);
    expect(ended.reason).toBe("station-lost");
  });
});

describe("a call to a station", () => {
  test("is answered by it, and both hear each other", async () => {
    const door = await station("listen");
    await edge.told("registered", ({ deviceId }) => deviceId === door.device);
    const call = callId.parse(randomUUID());
    const [caller, leg] = [newLeg(), newLeg()];
    edge.say({
      type: "invite",
      callId: call,
      legId: leg,
      deviceId: door.device,
      caller,
      callerName: 'Mara "Lenz" Müller',
      organisationId: organisation,
      ringUntil: inAMinute(),
      talkTime: 60_000,
    });
    await edge.told("room-ready", (message) => message.callId === call);
    const mara = await person(call, caller, leg, true);
    await edge.told("station-answered", (message) => message.callId === call);
    const tone = randomTone();
    await mara.talk(tone, 5);
    await door.station.told("heard-tone", ({ hertz }) => hertz !== null && near(hertz, tone));
    await soon(() => expect(near(mara.heard().tone ?? 0, door.tone)).toBe(true));
    edge.say({ type: "end", callId: call, reason: "hung-up-by-person" });
    await door.station.told("ended");
  });

  test("that is away is refused at once", async () => {
    const call = callId.parse(randomUUID());
    edge.say({
      type: "invite",
      callId: call,
      legId: newLeg(),
      deviceId: deviceId.parse(randomUUID()),
      caller: newLeg(),
      callerName: "Mara",
      organisationId: organisation,
      ringUntil: inAMinute(),
      talkTime: 60_000,
    });
    const refused = await edge.told("station-refused", (message) => message.callId === call);
    expect(refused.sipStatus).toBe(480);
  });
});

describe("a door command", () => {
  test("fires once, is confirmed, and the door is seen to open and to close", async () => {
    const door = await station("listen");
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
    const device = deviceId.parse(randomUUID());
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
  const device = deviceId.parse(randomUUID());
  edge.say({ type: "virtual-press", deviceId: device });
  await edge.told("registered", ({ deviceId }) => deviceId === device);
  const press = await edge.told("press", ({ deviceId }) => deviceId === device);
  edge.say({ type: "refuse", callId: press.callId, sipStatus: 480, reason: "nobody-available" });
  edge.say({ type: "virtual-press", deviceId: device });
  await edge.told("press", ({ deviceId, callId }) => deviceId === device && callId !== press.callId);
});

describe("a plain phone that we did not write", () => {
  test("presses, is heard and seen early and talked to, and takes a door command as a digit in its call", async () => {
    const device = deviceId.parse(randomUUID());
    const files = await deviceCertificateIn(join(folder, "pki"), device);
    const certificate = join(folder, "phone.pem");
    writeFileSync(certificate, readFileSync(files.certificate, "utf8") + readFileSync(files.key, "utf8"));
    const [tone, code] = [randomTone(), randomPictureCode()];
    writeToneFile(join(folder, "tone.wav"), tone);
    await writeStationCamera(join(folder, "camera.mp4"), code);
    const phone = await startBaresip({
      folder: join(folder, "baresip"),
      deviceId: device,
      certificate,
      serverAuthority: join(folder, "pki", "server-ca.pem"),
      registrar: { host: "127.0.0.1", port: sipPort },
      ports: { sip: base + 700, control: base + 710, rtp: base + 720 },
      microphone: join(folder, "tone.wav"),
      camera: join(folder, "camera.mp4"),
    });
    try {
      await edge.told("registered", ({ deviceId }) => deviceId === device);
      phone.command("dial", `sip:reception@127.0.0.1:${sipPort}`);
      const winner = newLeg();
      const press = await pressed(device, [winner]);
      const mara = await person(press.callId, winner, press.legId);
      await soon(() => expect(near(mara.heard().tone ?? 0, tone)).toBe(true));
      await soon(() => expect([...mara.codes]).toContain(code));
      answer(press.callId, winner);
      await edge.told("answered", ({ callId }) => callId === press.callId);
      const ours = randomTone();
      await mara.talk(ours, 1);
      // A second of it, so that there is something to measure.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
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
  expect(await health()).toMatchObject({ status: "ok", edge: "up" });
  const metrics = await (await fetch(`http://127.0.0.1:${base + 62}/metrics`)).text();
  expect(metrics).toMatch(/^symphony_gateway_edge_link_up 1$/m);
  expect(metrics).toMatch(/^symphony_gateway_live_packets\{kind="audio",what="received"\} \d+$/m);
});
