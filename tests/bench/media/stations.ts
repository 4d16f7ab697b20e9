/**
 * The stations of the bench, in a process of their own: each sends Opus-sized packets, 50 a second, at a phase of its own,
 * and measures how long those of its partner were under way. Told what to do by the parent.
 */
import { type MediaLeg, offerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import { portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";

export type ToStations =
  | { type: "open"; legs: number; firstPort: number; lastPort: number }
  | { type: "answers"; sdps: string[] }
  | { type: "measure"; milliseconds: number };
export type FromStations =
  | { type: "offers"; sdps: string[] }
  | { type: "sending" }
  | { type: "measured"; sent: number; received: number; p50: number; p99: number; max: number };

const frame = 20;
const size = 160;
const legs: MediaLeg[] = [];
let sent = 0;
let received = 0;
let delays: number[] = [];

function tell(message: FromStations): void {
  process.send?.(message);
}

function onRtp(packet: RtpPacket): void {
  received++;
  if (packet.payload.length >= 16) delays.push(performance.now() - packet.payload.readDoubleBE(8));
}

process.on("message", (message: ToStations) => void act(message));
process.on("disconnect", () => process.exit());

async function act(message: ToStations): Promise<void> {
  if (message.type === "open") {
    const ports = portPool(message.firstPort, message.lastPort);
    const options = {
      address: "127.0.0.1",
      ports,
      events: { onRtp: (_: unknown, packet: RtpPacket) => onRtp(packet) },
    };
    for (let i = 0; i < message.legs; i++) legs.push(await offerLeg({ video: false }, options));
    tell({ type: "offers", sdps: legs.map((leg) => leg.localSdp) });
  } else if (message.type === "answers") {
    message.sdps.forEach((sdp, i) => {
      const outcome = legs[i]?.setAnswer(sdp);
      if (!outcome?.ok) throw new Error(`station ${i}: ${outcome?.reason}`);
    });
    send();
    tell({ type: "sending" });
  } else {
    sent = 0;
    received = 0;
    delays = [];
    setTimeout(() => {
      const sorted = delays.sort((a, b) => a - b);
      const at = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
      tell({ type: "measured", sent, received, p50: at(0.5), p99: at(0.99), max: at(1) });
    }, message.milliseconds);
  }
}

/** Leg `i` sends at phase `i · 20 ms / legs`, so that their packets are spread evenly. */
function send(): void {
  const start = performance.now();
  const next = legs.map((_, i) => start + (i * frame) / legs.length);
  const counts = legs.map(() => 0);
  setInterval(() => {
    const now = performance.now();
    legs.forEach((leg, i) => {
      while ((next[i] ?? now) < now) {
        const n = counts[i] ?? 0;
        const payload = Buffer.alloc(size);
        payload[0] = 0x78;
        payload.writeDoubleBE(performance.now(), 8);
        leg.send("audio", {
          payloadType: 96,
          marker: n === 0,
          sequence: n & 0xffff,
          timestamp: n * 960,
          ssrc: i + 1,
          payload,
        });
        counts[i] = n + 1;
        next[i] = (next[i] ?? now) + frame;
        sent++;
      }
    });
  }, 1);
}
