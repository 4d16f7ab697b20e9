/** The gateway's media path alone, in a process of its own: each station's leg joined to a LiveKit participant, both ways. */
import { randomUUID } from "node:crypto";
import { answerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import { portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import { joinRoom, type RoomParticipant } from "#media-nodes/sip-gateway/room/participant.ts";
import { liveKitRooms } from "#media-nodes/sip-gateway/room/rooms.ts";

export type ToGateway =
  | { type: "calls"; offers: string[]; url: string; apiKey: string; apiSecret: string; base: number }
  | { type: "cpu" };
export type FromGateway = { type: "answers"; sdps: string[] } | { type: "cpu"; microseconds: number; memory: number };

function tell(message: FromGateway): void {
  process.send?.(message);
}

process.on("message", (message: ToGateway) => {
  if (message.type === "calls") void carry(message);
  else {
    const used = process.cpuUsage();
    tell({ type: "cpu", microseconds: used.user + used.system, memory: process.memoryUsage().rss });
  }
});
process.on("disconnect", () => process.exit());

/** Stations `2 k` and `2 k + 1` talk to each other in one room. */
async function carry(message: Extract<ToGateway, { type: "calls" }>): Promise<void> {
  const { offers, base, apiKey, apiSecret } = message;
  const rooms = liveKitRooms({ url: message.url.replace("ws", "http"), apiKey, apiSecret });
  const ports = portPool(base, base + 999);
  const roomPorts = { first: base + 1000, last: base + 1999 };
  const sdps: string[] = [];
  const ids = offers.map(() => randomUUID());
  let room = "";
  for (const [i, offer] of offers.entries()) {
    let participant: RoomParticipant | undefined;
    const answer = await answerLeg(offer, {
      address: "127.0.0.1",
      ports,
      events: { onRtp: (kind, packet) => participant?.send(kind, packet) },
    });
    if (!answer.ok) throw new Error(answer.reason);
    sdps.push(answer.sdp);
    const [id, partner] = [ids[i] ?? "", ids[i ^ 1] ?? ""];
    if (i % 2 === 0) {
      room = randomUUID();
      await rooms.create(room);
    }
    participant = await joinRoom({
      url: message.url,
      token: await rooms.stationToken(room, id),
      ports: roomPorts,
      address: "127.0.0.1",
      timeout: 20_000,
      events: { onRtp: (kind, packet) => answer.leg.send(kind, packet) },
    });
    participant.allow([partner]);
    participant.listenTo(partner);
    await participant.publish({ video: false });
  }
  tell({ type: "answers", sdps });
}
