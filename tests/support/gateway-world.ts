/**
 * A real gateway and a real LiveKit, with stations that dial in, an edge that says what a test says, and people who join
 * the rooms as browsers do.
 */
import { randomInt, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import pino from "pino";
import { expect, vi } from "vitest";
import {
  type CallId,
  callId,
  type DeviceId,
  deviceId,
  type LegId,
  legId,
  organisationId,
} from "#core/messages/values.ts";
import { deviceAuthorityIn, deviceCertificateIn } from "#media-nodes/pki/device-authority.ts";
import { certifyDevice } from "#media-nodes/pki/issue.ts";
import { startGateway } from "#media-nodes/sip-gateway/main.ts";
import { joinRoom, type RoomParticipant } from "#media-nodes/sip-gateway/room/participant.ts";
import { readSettings } from "#media-nodes/sip-gateway/settings.ts";
import { startCamera } from "../../station/camera.ts";
import { hearing } from "../../station/hearing.ts";
import { startMicrophone } from "../../station/microphone.ts";
import { pictureCodes } from "../../station/picture-code.ts";
import { watching } from "../../station/watching.ts";
import { startLiveKit } from "../media/livekit.ts";
import { startFakeEdge } from "./fake-edge.ts";
import { type ReferenceStation, startReferenceStation } from "./reference-station.ts";
import { randomTone } from "./tone.ts";

export interface Person {
  participant: RoomParticipant;
  /** What arrived since it was last asked. */
  heard(): { packets: number; tone: number | undefined };
  readonly codes: ReadonlySet<number>;
  readonly packets: number;
  talk(tone: number, code: number): Promise<void>;
  leave(): void;
}

export type GatewayWorld = Awaited<ReturnType<typeof startGatewayWorld>>;

const organisation = organisationId.parse("an-organisation");

/** Whether a tone that was heard is the one that was played. */
export const near = (tone: number, wanted: number) => Math.abs(tone - wanted) <= 10;
export const newLeg = () => legId.parse(randomUUID());
export const newDevice = () => deviceId.parse(randomUUID());
/** Ten seconds for what offers no event. */
export const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 50 });
export const inAMinute = () => Date.now() + 60_000;

/** Starts it all; its ports are the 700 from `base` on. */
export async function startGatewayWorld(base: number) {
  const sipPort = base + 61;
  const folder = mkdtempSync(join(tmpdir(), "gateway-"));
  const liveKit = await startLiveKit(base);
  const edge = await startFakeEdge(base + 20, async (device, request) =>
    certifyDevice((await deviceAuthorityIn(join(folder, "pki"))).issuing, device, request),
  );
  const settings = readSettings({
    EDGE_URL: edge.url,
    MEDIA_NODE_TOKEN: "a token for tests only",
    LIVEKIT_URL: liveKit.url,
    LIVEKIT_API_KEY: liveKit.apiKey,
    LIVEKIT_API_SECRET: liveKit.apiSecret,
    SIP_PORT: String(sipPort),
    SRTP_PORTS: `${base + 100}-${base + 299}`,
    ROOM_PORTS: `${base + 300}-${base + 499}`,
    GATEWAY_HEALTH_PORT: String(base + 62),
    DATA_DIR: folder,
  });
  const stopGateway = await startGateway(settings, pino({ level: process.env.LOG_LEVEL ?? "silent" }));
  await edge.told("hello");
  const stations: ReferenceStation[] = [];
  const people: Person[] = [];

  /** Our own station, with a tone and a picture drawn for this run. */
  async function station(mode: "press" | "listen", more: readonly string[] = []) {
    const device = newDevice();
    await deviceCertificateIn(join(folder, "pki"), device);
    const sound = { tone: randomTone(), code: randomInt(pictureCodes) };
    const what = ["--device", device, "--tone", String(sound.tone), "--picture-code", String(sound.code)];
    const started = startReferenceStation([mode, ...what, ...more], { DATA_DIR: folder, SIP_PORT: String(sipPort) });
    stations.push(started);
    return { ...sound, device, station: started };
  }

  const service = new RoomServiceClient(liveKit.http, liveKit.apiKey, liveKit.apiSecret);
  /** Who is in the call's room, as LiveKit knows it. */
  const present = async (call: CallId) => (await service.listParticipants(call)).map(({ identity }) => identity);

  /** A browser is told when it may publish; here the server is asked. */
  async function permitted(call: CallId, leg: LegId): Promise<void> {
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
      ports: { first: base + 500, last: base + 699 },
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

  /** The edge takes this device's press up and rings these; resolves when the station is in the room. */
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

  /** The edge has a person call this station, to talk for so many milliseconds at most. */
  function invite(device: DeviceId, callerName = "Mara", talkTime = 60_000) {
    const call = { callId: callId.parse(randomUUID()), legId: newLeg(), caller: newLeg() };
    const about = {
      deviceId: device,
      organisationId: organisation,
      callerName,
      ringUntil: inAMinute(),
      talkTime,
    };
    edge.say({ type: "invite", ...call, ...about });
    return call;
  }

  const metrics = async () => (await fetch(`http://127.0.0.1:${base + 62}/metrics`)).text();

  return {
    sipPort,
    folder,
    edge,
    liveKit,
    present,
    station,
    person,
    pressed,
    invite,
    answer: (call: CallId, winner: LegId, talkUntil = inAMinute()) =>
      edge.say({ type: "answer", callId: call, winner, talkUntil, warnAt: talkUntil }),
    health: async () => (await fetch(`http://127.0.0.1:${base + 62}/health`)).json(),
    metrics,
    /** Packets of sound that went to the stations in a call. */
    sentToStations: async () =>
      Number(/live_packets\{kind="audio",what="sent"\} (\d+)/.exec(await metrics())?.[1] ?? Number.NaN),
    /** After each test: its people and stations leave. */
    async clear() {
      for (const one of people.splice(0)) one.leave();
      await Promise.all(stations.splice(0).map((one) => one.stop()));
    },
    async stop() {
      await stopGateway();
      await edge.stop();
      await liveKit.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
