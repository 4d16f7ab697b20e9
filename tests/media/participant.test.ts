/** The gateway's LiveKit participant against a real LiveKit server. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { openLink } from "#media-nodes/sip-gateway/room/link.ts";
import { joinRoom, type ParticipantEvents, type RoomParticipant } from "#media-nodes/sip-gateway/room/participant.ts";
import { freeRoomPorts } from "#media-nodes/sip-gateway/room/room-ports.ts";
import { liveKitRooms, type Rooms } from "#media-nodes/sip-gateway/room/rooms.ts";
import { startLiveKit, type TestLiveKit } from "./livekit.ts";

let liveKit: TestLiveKit;
let rooms: Rooms;
const ports = { first: 22_400, last: 22_599 };
const joined: RoomParticipant[] = [];
const timers: NodeJS.Timeout[] = [];

beforeAll(async () => {
  liveKit = await startLiveKit(22_300);
  rooms = liveKitRooms({ url: liveKit.http, apiKey: liveKit.apiKey, apiSecret: liveKit.apiSecret });
}, 300_000);
afterEach(() => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  for (const one of joined.splice(0)) one.close();
});
afterAll(() => liveKit?.stop());

async function join(room: string, identity: string, events: ParticipantEvents = {}, url = liveKit.url) {
  const token = await rooms.stationToken(room, identity);
  const one = await joinRoom({ url, token, ports, address: "127.0.0.1", events });
  joined.push(one);
  return one;
}

/** Sends numbered packets as a talker does, one in 20 ms. */
function talk(one: RoomParticipant, video = false): void {
  let n = 0;
  timers.push(
    setInterval(() => {
      const packet = { payloadType: 96, marker: true, sequence: n & 0xffff, ssrc: 77 };
      one.send("audio", { ...packet, timestamp: n * 960, payload: Buffer.from(`\x78sound ${n}`, "latin1") });
      if (video) {
        const key = n % 25 === 0;
        const payload = Buffer.concat([Buffer.from([key ? 0x65 : 0x41]), Buffer.from(`picture ${n}`)]);
        if (key) one.send("video", { ...packet, sequence: 2 * n, marker: false, timestamp: n * 1800, payload: sets });
        one.send("video", { ...packet, sequence: 2 * n + 1, timestamp: n * 1800, payload });
      }
      n++;
    }, 20),
  );
}
const sets = Buffer.from([0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 3, 0x68, 0xce, 0x06]);

const wait = (check: () => void, timeout = 5000) => vi.waitFor(check, { timeout, interval: 10 });
const textOf = (packet: RtpPacket) => packet.payload.toString("latin1");

test("a room that the gateway has not made can't be joined", async () => {
  await expect(join(randomUUID(), randomUUID())).rejects.toThrow();
});

test("LiveKit hands out its own STUN and TURN server, and no public one", async () => {
  const room = randomUUID();
  await rooms.create(room);
  const link = await openLink({ url: liveKit.url, token: await rooms.stationToken(room, randomUUID()), timeout: 5000 });
  link.close();
  const urls = link.join.iceServers.flatMap((server) => server.urls);
  expect(urls).toEqual(["turn:127.0.0.1:22302?transport=udp"]);
});

test("sound and picture of the station reach the one it allows, and no other", async () => {
  const room = randomUUID();
  const [stationId, winnerId, loserId] = [randomUUID(), randomUUID(), randomUUID()];
  await rooms.create(room);
  const station = await join(room, stationId);
  await station.publish({ video: true });
  talk(station, true);
  const winner = vi.fn();
  const loser = vi.fn();
  const winning = await join(room, winnerId, { onRtp: winner });
  const losing = await join(room, loserId, { onRtp: loser });
  winning.listenTo(stationId);
  losing.listenTo(stationId);
  station.allow([winnerId]);
  await wait(() => {
    const kinds = winner.mock.calls.map(([kind]) => kind);
    expect(kinds.filter((kind) => kind === "audio").length).toBeGreaterThan(20);
    expect(kinds.filter((kind) => kind === "video").length).toBeGreaterThan(20);
  });
  expect(textOf(winner.mock.calls.find(([kind]) => kind === "audio")?.[1])).toMatch(/^\x78sound \d+$/);
  expect(loser).not.toHaveBeenCalled();
});

test("permission taken from a listener stops the packets", async () => {
  const room = randomUUID();
  const [stationId, firstId, secondId] = [randomUUID(), randomUUID(), randomUUID()];
  await rooms.create(room);
  const station = await join(room, stationId);
  await station.publish({ video: false });
  talk(station);
  const first = vi.fn();
  const second = vi.fn();
  (await join(room, firstId, { onRtp: first })).listenTo(stationId);
  (await join(room, secondId, { onRtp: second })).listenTo(stationId);
  station.allow([firstId, secondId]);
  await wait(() => {
    expect(first).toHaveBeenCalled();
    expect(second).toHaveBeenCalled();
  });
  station.allow([secondId]);
  // The second goes on; once it has heard fifty more, the first must have fallen silent for long.
  const heard = second.mock.calls.length;
  await wait(() => expect(second.mock.calls.length).toBeGreaterThan(heard + 25));
  const firstHeard = first.mock.calls.length;
  await wait(() => expect(second.mock.calls.length).toBeGreaterThan(heard + 75));
  expect(first.mock.calls.length).toBe(firstHeard);
});

test("a subscriber's wish for a key frame reaches the publisher", async () => {
  const room = randomUUID();
  const [stationId, personId] = [randomUUID(), randomUUID()];
  await rooms.create(room);
  const asked = vi.fn();
  const station = await join(room, stationId, { onKeyframeRequest: asked });
  await station.publish({ video: true });
  talk(station, true);
  const seen = vi.fn();
  const person = await join(room, personId, { onRtp: seen });
  person.listenTo(stationId);
  station.allow([personId]);
  await wait(() => expect(asked).toHaveBeenCalled());
  await wait(() => expect(seen).toHaveBeenCalled());
  asked.mockClear();
  const timer = setInterval(() => person.requestKeyframe(), 300);
  timers.push(timer);
  await wait(() => expect(asked).toHaveBeenCalled());
});

test("a participant that is removed is told, and its ports come back", async () => {
  const room = randomUUID();
  const id = randomUUID();
  await rooms.create(room);
  const free = freeRoomPorts(ports);
  const lost = vi.fn();
  await join(room, id, { onLost: lost });
  expect(freeRoomPorts(ports)).toBe(free - 2);
  await rooms.remove(room, id);
  await wait(() => expect(lost).toHaveBeenCalledTimes(1));
  await wait(() => expect(freeRoomPorts(ports)).toBe(free));
});

test("media goes on when the signalling drops, and the session is taken up again", async () => {
  const room = randomUUID();
  const [stationId, personId] = [randomUUID(), randomUUID()];
  await rooms.create(room);
  const relay = await breakable(Number(new URL(liveKit.http).port));
  const lost = vi.fn();
  const station = await join(room, stationId, { onLost: lost }, `ws://127.0.0.1:${relay.port}`);
  await station.publish({ video: false });
  talk(station);
  const arrivals: number[] = [];
  const person = await join(room, personId, { onRtp: () => arrivals.push(performance.now()) });
  person.listenTo(stationId);
  station.allow([personId]);
  await wait(() => expect(arrivals.length).toBeGreaterThan(25));
  relay.breakAll();
  const before = arrivals.length;
  await wait(() => expect(arrivals.length).toBeGreaterThan(before + 150));
  expect(relay.connections).toBe(2);
  const gaps = arrivals.slice(before - 10).map((at, i, all) => (i === 0 ? 0 : at - (all[i - 1] ?? at)));
  expect(Math.max(...gaps)).toBeLessThan(500);
  // The resumed socket works: a permission said over it takes effect.
  station.allow([]);
  await wait(() => expect(performance.now() - (arrivals.at(-1) ?? 0)).toBeGreaterThan(300));
  expect(lost).not.toHaveBeenCalled();
  relay.close();
}, 20_000);

/** A TCP relay whose connections can be cut. */
async function breakable(target: number) {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    const onward = connect(target, "127.0.0.1");
    for (const one of [socket, onward]) {
      open.add(one);
      one.on("error", () => {});
    }
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    get connections() {
      return connections;
    },
    breakAll() {
      for (const socket of open) socket.destroy();
      open.clear();
    },
    close() {
      this.breakAll();
      server.close();
    },
  };
}
