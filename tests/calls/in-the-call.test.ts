/** What may happen within a call or at its beginning that a friendly station does not do: a station moved by hand, the rest real. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { MediaLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import type { CallDialog } from "#media-nodes/sip-gateway/sip/call-dialog.ts";
import type { IncomingCall } from "#media-nodes/sip-gateway/sip/incoming-call.ts";
import { startCamera } from "../../station/camera.ts";
import { hearing } from "../../station/hearing.ts";
import { startMicrophone } from "../../station/microphone.ts";
import { type GatewayWorld, near, newLeg, soon, startGatewayWorld } from "../support/gateway-world.ts";
import { startHandStation } from "../support/hand-station.ts";
import { randomTone } from "../support/tone.ts";

const base = 24_000;
let world: GatewayWorld;

beforeAll(async () => {
  world = await startGatewayWorld(base);
}, 300_000);
afterEach(() => world.clear());
afterAll(() => world?.stop());

/** A talk between a hand-moved station and Mara, each hearing the other's tone. */
async function talk() {
  const ears = hearing();
  const station = await startHandStation(world, base + 700);
  const press = await station.press({ onRtp: (_kind, packet) => ears.hear(packet) });
  const winner = newLeg();
  const call = await world.pressed(station.device, [winner]);
  const mara = await world.person(call.callId, winner, call.legId);
  world.answer(call.callId, winner);
  const dialog = await press.answered;
  const tones = { station: randomTone(), mara: randomTone() };
  await mara.talk(tones.mara, 1);
  const speak = (leg: MediaLeg) => startMicrophone(tones.station, (packet) => leg.send("audio", packet));
  const microphone = speak(press.leg);
  const hears = {
    station: () => soon(() => expect(near(ears.take().tone ?? 0, tones.mara)).toBe(true)),
    mara: () => soon(() => expect(near(mara.heard().tone ?? 0, tones.station)).toBe(true)),
  };
  await Promise.all([hears.station(), hears.mara()]);
  return { ...call, station, leg: press.leg, dialog, mara, ears, tones, hears, speak, microphone };
}

/** Nothing arrives any more: two looks in a row that found nothing. */
async function silent(take: () => { packets: number }): Promise<void> {
  let quiet = 0;
  await soon(() => {
    quiet = take().packets === 0 ? quiet + 1 : 0;
    expect(quiet).toBeGreaterThan(4);
  });
}

const heldAs = (leg: MediaLeg, direction: string, version: number) =>
  leg.localSdp.replace(/^(o=\S+ \S+) \d+/m, `$1 ${version}`).replaceAll("a=sendrecv", `a=${direction}`);

async function offer(dialog: CallDialog, sdp: string) {
  const { status, body } = await dialog.offer(sdp);
  return { status, directions: body.match(/^a=(sendrecv|sendonly|recvonly|inactive)/gm), body };
}

describe("a re-INVITE", () => {
  test("that holds the call is answered as what it asks, silences the direction, and lets it go on later", async () => {
    const { dialog, leg, mara, ears, hears, microphone, station } = await talk();
    const held = await offer(dialog, heldAs(leg, "sendonly", 2));
    expect(held).toMatchObject({ status: 200, directions: ["a=recvonly"] });
    await silent(ears.take);
    await hears.mara();
    const still = await offer(dialog, heldAs(leg, "inactive", 3));
    expect(still).toMatchObject({ status: 200, directions: ["a=inactive"] });
    await silent(mara.heard);
    const resumed = await offer(dialog, heldAs(leg, "sendrecv", 4));
    expect(resumed).toMatchObject({ status: 200, directions: ["a=sendrecv"] });
    await Promise.all([hears.station(), hears.mara()]);
    microphone.stop();
    dialog.bye();
    station.leave();
  });

  test("that moves the media to other ports and keys moves both directions there", async () => {
    const { dialog, leg, mara, ears, tones, speak, microphone, station } = await talk();
    const moved = hearing();
    const next = await station.newMedia({ onRtp: (_kind, packet) => moved.hear(packet) });
    const answered = await offer(dialog, next.localSdp);
    expect(answered.status).toBe(200);
    expect(next.setAnswer(answered.body)).toEqual({ ok: true });
    microphone.stop();
    await silent(ears.take);
    const again = speak(next);
    await soon(() => expect(near(moved.take().tone ?? 0, tones.mara)).toBe(true));
    mara.heard();
    await soon(() => expect(near(mara.heard().tone ?? 0, tones.station)).toBe(true));
    again.stop();
    leg.close();
    dialog.bye();
    station.leave();
  });

  test("that asks for another codec is refused with 488, and the talk goes on", async () => {
    const { dialog, leg, hears, microphone, station } = await talk();
    const pcmu = leg.localSdp
      .replace(/^m=audio (\d+) RTP\/SAVP .*/m, "m=audio $1 RTP/SAVP 0")
      .replaceAll("opus/48000/2", "x");
    expect((await offer(dialog, pcmu)).status).toBe(488);
    await Promise.all([hears.station(), hears.mara()]);
    microphone.stop();
    dialog.bye();
    station.leave();
  });

  test("that brings a picture is answered with one, and the person sees it", async () => {
    const { dialog, mara, microphone, station } = await talk();
    const next = await station.newMedia({}, true);
    const answered = await offer(dialog, next.localSdp);
    expect(answered).toMatchObject({ status: 200, directions: ["a=sendrecv", "a=sendrecv"] });
    expect(next.setAnswer(answered.body)).toEqual({ ok: true });
    microphone.stop();
    const camera = startCamera(7, (packet) => next.send("video", packet));
    const keyframes = setInterval(() => camera.requestKeyframe(), 300);
    await soon(() => expect([...mara.codes]).toContain(7));
    clearInterval(keyframes);
    camera.stop();
    dialog.bye();
    station.leave();
  });
});

describe("calls that cross", () => {
  test("the visitor's press goes before our call to the station, and the caller is told", async () => {
    const ringing = Promise.withResolvers<IncomingCall>();
    const station = await startHandStation(world, base + 700, ringing.resolve);
    const called = world.invite(station.device);
    const ours = await ringing.promise;
    ours.ringing();
    const cancelled = new Promise<void>((resolve) => ours.onCancel(resolve));
    const press = await station.press();
    const refused = await world.edge.told("station-refused", ({ callId }) => callId === called.callId);
    expect(refused.sipStatus).toBe(486);
    await cancelled;
    const winner = newLeg();
    const call = await world.pressed(station.device, [winner]);
    world.answer(call.callId, winner);
    const dialog = await press.answered;
    await world.edge.told("answered", ({ callId }) => callId === call.callId);
    dialog.bye();
    press.leg.close();
    station.leave();
  });

  test("a station that is busy says so to the caller, and its next call rings", async () => {
    let calls = 0;
    const rung = Promise.withResolvers<IncomingCall>();
    const station = await startHandStation(world, base + 700, (call) =>
      ++calls === 1 ? call.reject(486) : rung.resolve(call),
    );
    const first = world.invite(station.device);
    const refused = await world.edge.told("station-refused", ({ callId }) => callId === first.callId);
    expect(refused.sipStatus).toBe(486);
    const second = world.invite(station.device);
    (await rung.promise).ringing();
    await world.edge.told("station-ringing", ({ callId }) => callId === second.callId);
    station.leave();
  });

  test("while a visitor talks the station is busy for others, and the talk does not notice", async () => {
    const { station, hears, dialog, microphone } = await talk();
    const other = world.invite(station.device);
    const refused = await world.edge.told("station-refused", ({ callId }) => callId === other.callId);
    expect(refused.sipStatus).toBe(486);
    await Promise.all([hears.station(), hears.mara()]);
    microphone.stop();
    dialog.bye();
    station.leave();
  });
});

describe("LiveKit killed", () => {
  test("in a talk: the station gets its BYE and the edge the reason, within five seconds", async () => {
    const { callId, dialog, microphone, station } = await talk();
    const ended = new Promise<string>((resolve) => dialog.onEnd(resolve));
    const killedAt = performance.now();
    await world.liveKit.stop();
    expect(await ended).toBe("bye-received");
    const told = await world.edge.told("call-ended", (said) => said.callId === callId);
    expect(told.reason).toBe("failed");
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    microphone.stop();
    station.leave();
  }, 20_000);
});
