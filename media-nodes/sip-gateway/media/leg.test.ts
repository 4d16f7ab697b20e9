import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { answerLeg, type LegEvents, type MediaLeg, offerLeg } from "./leg.ts";
import { portPool } from "./ports.ts";
import { buildRtcp } from "./rtcp.ts";
import type { RtpPacket } from "./rtp.ts";
import { parseSdp } from "./sdp.ts";
import { srtpSender } from "./srtp.ts";

const address = "127.0.0.1";
const ports = portPool(22_000, 22_199);
const legs: MediaLeg[] = [];
afterEach(() => {
  for (const leg of legs.splice(0)) leg.close();
});

const packetOf = (sequence: number, payload = Buffer.from([0x78, sequence]), ssrc = 5): RtpPacket => ({
  payloadType: 96,
  marker: false,
  sequence,
  timestamp: sequence * 960,
  ssrc,
  payload,
});

/** A station that offered and a gateway that answered. */
async function connected(stationEvents: LegEvents, gatewayEvents: LegEvents, video = true) {
  const station = await offerLeg({ video }, { address, ports, events: stationEvents });
  const answer = await answerLeg(station.localSdp, { address, ports, events: gatewayEvents });
  if (!answer.ok) throw new Error(answer.reason);
  legs.push(station, answer.leg);
  expect(station.setAnswer(answer.sdp)).toEqual({ ok: true });
  return { station, gateway: answer.leg, answer: answer.sdp };
}

const wait = (check: () => void) => vi.waitFor(check, { timeout: 2000, interval: 5 });

test("sound and picture go both ways", async () => {
  const station = vi.fn();
  const gateway = vi.fn();
  const call = await connected({ onRtp: station }, { onRtp: gateway });
  call.station.send("audio", packetOf(1));
  call.station.send("video", packetOf(1, Buffer.from([0x41, 1])));
  call.gateway.send("audio", packetOf(9));
  await wait(() => {
    expect(gateway).toHaveBeenCalledTimes(2);
    expect(station).toHaveBeenCalledTimes(1);
  });
  expect(station.mock.calls[0]).toMatchObject(["audio", { payload: packetOf(9).payload }]);
});

test("the outgoing stream goes on unbroken when the source changes", async () => {
  const heard: RtpPacket[] = [];
  const call = await connected({ onRtp: (_kind, packet) => heard.push(packet) }, {}, false);
  const sources: [number, number][] = [
    [100, 1],
    [101, 1],
    [40_000, 2],
    [40_001, 2],
    [102, 1],
  ]; // the last one is late
  for (const [sequence, ssrc] of sources)
    call.gateway.send("audio", packetOf(sequence, Buffer.from([sequence & 0xff]), ssrc));
  await wait(() => expect(heard).toHaveLength(4));
  const first = heard[0]?.sequence ?? 0;
  expect(heard.map((packet) => packet.sequence - first)).toEqual([0, 1, 2, 3]);
  expect(new Set(heard.map((packet) => packet.ssrc)).size).toBe(1);
});

test("a request for a key frame reaches the other end, once in 300 ms", async () => {
  const asked = vi.fn();
  const seen = vi.fn();
  const call = await connected({ onKeyframeRequest: asked }, { onRtp: seen });
  call.station.send("video", packetOf(1, Buffer.from([0x41, 1])));
  await wait(() => expect(seen).toHaveBeenCalled());
  for (let i = 0; i < 20; i++) call.gateway.requestKeyframe();
  await wait(() => expect(asked).toHaveBeenCalledTimes(2)); // at once, and for those asked meanwhile one more
});

test("media follows the source of a verified packet, and of no other", async () => {
  const ours = vi.fn();
  const call = await connected({ onRtp: ours }, {}, false);
  const gatewayPort = portOf(call.answer);
  const stationKey = keyOf(call.station.localSdp);
  const elsewhere = createSocket("udp4");
  elsewhere.bind(0, address);
  await once(elsewhere, "listening");
  const arrived = vi.fn();
  elsewhere.on("message", arrived);

  elsewhere.send(srtpSender(randomBytes(30)).protect(packetOf(500)), gatewayPort, address);
  await wait(() => expect(call.gateway.stats().audio.refused).toBe(1));
  call.gateway.send("audio", packetOf(1));
  await wait(() => expect(ours).toHaveBeenCalledTimes(1));
  expect(arrived).not.toHaveBeenCalled();

  elsewhere.send(srtpSender(stationKey).protect(packetOf(501)), gatewayPort, address);
  await wait(() => expect(call.gateway.stats().audio.received).toBe(1));
  call.gateway.send("audio", packetOf(2));
  await wait(() => expect(arrived).toHaveBeenCalledTimes(1));
  elsewhere.close();
});

test("a replayed packet moves nothing and is not passed on", async () => {
  const seen = vi.fn();
  const call = await connected({}, { onRtp: seen }, false);
  const packet = srtpSender(keyOf(call.station.localSdp)).protect(packetOf(7));
  const thief = createSocket("udp4");
  const gatewayPort = portOf(call.answer);
  thief.send(packet, gatewayPort, address);
  await wait(() => expect(seen).toHaveBeenCalledTimes(1));
  thief.send(packet, gatewayPort, address);
  await wait(() => expect(call.gateway.stats().audio.refused).toBe(1));
  expect(seen).toHaveBeenCalledTimes(1);
  thief.close();
});

test("hold stops the sending, a re-INVITE keeps our key, and the answer to the same offer is the same", async () => {
  const heard = vi.fn();
  const call = await connected({ onRtp: heard }, {}, false);
  const hold = call.station.localSdp.replace("a=sendrecv", "a=inactive");
  const held = await call.gateway.renegotiate(hold);
  expect(held).toMatchObject({ ok: true });
  call.gateway.send("audio", packetOf(1));
  expect(call.gateway.stats().audio.sent).toBe(0);
  const resumed = await call.gateway.renegotiate(call.station.localSdp);
  if (!resumed.ok || !held.ok) throw new Error("refused");
  expect(keyOf(resumed.sdp)).toEqual(keyOf(call.answer));
  expect(await call.gateway.renegotiate(call.station.localSdp)).toEqual(resumed);
  call.gateway.send("audio", packetOf(2));
  await wait(() => expect(heard).toHaveBeenCalledTimes(1));
});

test("what is left out while the call is held does not look lost to the far end", async () => {
  const heard = vi.fn();
  const call = await connected({ onRtp: heard }, {}, false);
  call.gateway.send("audio", packetOf(1));
  await wait(() => expect(heard).toHaveBeenCalledTimes(1));
  await call.gateway.renegotiate(call.station.localSdp.replace("a=sendrecv", "a=sendonly"));
  for (let sequence = 2; sequence < 50; sequence++) call.gateway.send("audio", packetOf(sequence));
  await call.gateway.renegotiate(call.station.localSdp);
  call.gateway.send("audio", packetOf(50));
  await wait(() => expect(heard).toHaveBeenCalledTimes(2));
  expect(call.station.stats().audio).toMatchObject({ received: 2, lost: 0 });
});

test("video may come and go within the call", async () => {
  const call = await connected({}, {});
  expect([...call.gateway.kinds]).toEqual(["audio", "video"]);
  const without = call.station.localSdp.replace(/m=video \d+/, "m=video 0");
  expect(await call.gateway.renegotiate(without)).toMatchObject({
    ok: true,
    sdp: expect.stringContaining("m=video 0 "),
  });
  expect([...call.gateway.kinds]).toEqual(["audio"]);
  await call.gateway.renegotiate(call.station.localSdp);
  expect([...call.gateway.kinds]).toEqual(["audio", "video"]);
});

/** A station with two cameras, at a gateway that takes both. */
async function withTwoCameras(alter = (offer: string) => offer) {
  const seen = vi.fn();
  const asked = vi.fn();
  const want = { video: true, secondVideo: "sendonly" } as const;
  const station = await offerLeg(want, { address, ports, events: { onKeyframeRequest: asked } });
  const options = { address, ports, secondVideo: true, events: { onRtp: seen } };
  const answer = await answerLeg(alter(station.localSdp), options);
  if (!answer.ok) throw new Error(answer.reason);
  legs.push(station, answer.leg);
  station.setAnswer(answer.sdp);
  return { station, gateway: answer.leg, seen, asked };
}
const picture = (mark: number) => packetOf(1, Buffer.from([0x41, mark]));

test("a second picture goes its own way beside the first, to the gateway alone, and is asked for key frames like it", async () => {
  const { station, gateway, seen, asked } = await withTwoCameras();
  station.send("video", picture(1));
  station.send("video-2", picture(2));
  gateway.send("video-2", picture(3));
  await wait(() => expect(seen).toHaveBeenCalledTimes(2));
  const payloads = Object.fromEntries(seen.mock.calls.map(([kind, packet]) => [kind, packet.payload[1]]));
  expect(payloads).toEqual({ video: 1, "video-2": 2 });
  expect(gateway.stats()["video-2"]).toMatchObject({ received: 1, sent: 0 });
  gateway.requestKeyframe();
  await wait(() => expect(asked.mock.calls.flat().sort()).toEqual(["video", "video-2"]));
});

test("a second picture stays the second where the first is refused", async () => {
  const { station } = await withTwoCameras((offer) => offer.replace(/m=video \d+/, "m=video 0"));
  expect([...station.kinds]).toEqual(["audio", "video-2"]);
});

test("who takes one picture refuses the second", async () => {
  const station = await offerLeg({ video: true, secondVideo: "sendonly" }, { address, ports, events: {} });
  const answer = await answerLeg(station.localSdp, { address, ports, events: {} });
  if (!answer.ok) throw new Error(answer.reason);
  legs.push(station, answer.leg);
  station.setAnswer(answer.sdp);
  expect([...station.kinds]).toEqual(["audio", "video"]);
});

test("the warning beep is heard on the running stream", async () => {
  const heard: RtpPacket[] = [];
  const call = await connected({ onRtp: (_kind, packet) => heard.push(packet) }, {}, false);
  call.gateway.warn();
  await wait(() => expect(heard).toHaveLength(20));
  expect(heard.every((packet, i) => packet.sequence === (heard[0]?.sequence ?? 0) + i)).toBe(true);
});

test("ports are given back, and an offer without a free pair is refused with 503", async () => {
  const two = portPool(22_200, 22_203);
  const first = await offerLeg({ video: true }, { address, ports: two, events: {} });
  const refused = await answerLeg(first.localSdp, { address, ports: two, events: {} });
  expect(refused).toMatchObject({ ok: false, status: 503 });
  first.close();
  first.close();
  expect(two.free).toBe(2);
});

test("an unacceptable offer is refused with 488 and takes no port", async () => {
  const pool = portPool(22_210, 22_213);
  expect(await answerLeg("v=0", { address, ports: pool, events: {} })).toMatchObject({ ok: false, status: 488 });
  expect(pool.free).toBe(2);
});

test("a FIR asks for a key frame as a PLI does", async () => {
  const asked = vi.fn();
  const call = await connected({ onKeyframeRequest: asked }, {});
  const video = parsed(call.station.localSdp).media[1];
  const fir = buildRtcp({ ssrc: 1, cname: "x", blocks: [] }, { kind: "fir", media: 2, sequence: 1 });
  const socket = createSocket("udp4");
  const packet = srtpSender(parsed(call.answer).media[1]?.keys[0]?.key ?? Buffer.alloc(0)).protectRtcp(fir);
  socket.send(packet, video?.rtcpPort ?? 0, address);
  await wait(() => expect(asked).toHaveBeenCalledTimes(1));
  socket.close();
});

function parsed(sdp: string) {
  const result = parseSdp(sdp);
  if (!result.ok) throw new Error(result.reason);
  return result.sdp;
}
const portOf = (sdp: string) => parsed(sdp).media[0]?.port ?? 0;
const keyOf = (sdp: string) => parsed(sdp).media[0]?.keys[0]?.key ?? Buffer.alloc(0);
