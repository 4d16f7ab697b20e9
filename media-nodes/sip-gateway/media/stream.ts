/** One m= line at work: sockets, SRTP both ways, RTCP, and where to send. Both ends of a leg are made of these. */
import { randomBytes, randomInt } from "node:crypto";
import { continuity } from "./continuity.ts";
import { dtmfReader } from "./dtmf.ts";
import { type Converter, parameterSetInjector, singleNalUnits } from "./h264.ts";
import type { Agreed } from "./negotiate.ts";
import type { PortPool } from "./ports.ts";
import { reception } from "./reception.ts";
import { buildRtcp, type FeedbackRequest, parseRtcp, toNtp } from "./rtcp.ts";
import { isRtcp, type MediaKind, type RtpPacket } from "./rtp.ts";
import { mayReceive, maySend } from "./sdp.ts";
import { type Address, bindPair } from "./sockets.ts";
import { type SrtpReceiver, srtpKeyLength, srtpReceiver, srtpSender } from "./srtp.ts";

/** RFC 3550 §6.2: five seconds, spread by half so that a node's legs do not report in step. Milliseconds. */
const reportInterval = 5000;
/** A key frame is large; asking more often than this only makes more of them. Milliseconds. */
export const keyframeInterval = 300;

export type StreamEvents = {
  onRtp(packet: RtpPacket): void;
  onKeyframeRequest(): void;
  onDtmf(digit: string): void;
};

export type MediaStream = {
  readonly kind: MediaKind;
  readonly port: number;
  /** Our master key, for the SDP. */
  readonly key: Buffer;
  readonly agreed: Agreed | undefined;
  /** Takes what offer and answer came to, at first and after each renegotiation. */
  apply(agreed: Agreed, localTypes: readonly number[]): void;
  send(packet: RtpPacket): void;
  requestKeyframe(): void;
  stats(): { received: number; sent: number; refused: number; lost: number };
  close(): void;
};

/** Binds a pair of ports and waits for `apply`. */
export async function openStream(
  kind: MediaKind,
  options: { pool: PortPool; bindAddress: string; cname: string; events: StreamEvents },
): Promise<MediaStream> {
  const { events } = options;
  const clockRate = kind === "audio" ? 48_000 : 90_000;
  const key = randomBytes(srtpKeyLength);
  const sender = srtpSender(key);
  const ssrc = randomBytes(4).readUInt32BE(0);
  // A first sequence number in the lower half keeps early reordering from crossing zero (RFC 3711 §3.3.1).
  const outgoing = continuity(clockRate, { sequence: randomInt(0x8000), timestamp: randomInt(0x7fffffff) });
  const incoming = reception(clockRate);
  const readDtmf = dtmfReader();
  let agreed: Agreed | undefined;
  let receiver: SrtpReceiver | undefined;
  let remoteKey: Buffer | undefined;
  let codecTypes = new Set<number>();
  let dtmfTypes = new Set<number>();
  let target: Address | undefined;
  let rtcpTarget: Address | undefined;
  let inject: Converter | undefined;
  let convert: Converter | undefined;
  let sent = 0;
  let octets = 0;
  let refused = 0;
  let last: { timestamp: number; at: number } | undefined;
  let firSequence = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let askLater: NodeJS.Timeout | undefined;
  let requestedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  function onDatagram(data: Buffer, from: Address, onRtcpPort: boolean): void {
    if (!receiver || !agreed) return;
    if (isRtcp(data)) {
      onRtcp(receiver, data, from, onRtcpPort);
      return;
    }
    const packet = receiver.unprotect(data);
    if (typeof packet === "string") {
      refused++;
      return;
    }
    // The packet is genuine and new: whoever sent it from here is where the far end is now.
    if (target?.port !== from.port || target.address !== from.address) follow(from);
    if (!mayReceive(agreed.direction)) return;
    if (codecTypes.has(packet.payloadType)) {
      incoming.note(packet, performance.now());
      if (!inject) events.onRtp(packet);
      else for (const one of inject(packet)) events.onRtp(one);
    } else if (dtmfTypes.has(packet.payloadType)) {
      incoming.note(packet, performance.now());
      const digit = readDtmf(packet);
      if (digit !== undefined) events.onDtmf(digit);
    } else refused++;
  }

  function follow(from: Address): void {
    const moved = { address: from.address, port: from.port };
    // RTCP of the far end has not been seen yet: behind the same NAT it most likely sits at the same address.
    if (rtcpTarget && rtcpTarget.address !== moved.address) rtcpTarget = { ...rtcpTarget, address: moved.address };
    if (agreed?.rtcpMux) rtcpTarget = moved;
    target = moved;
  }

  function onRtcp(from: SrtpReceiver, data: Buffer, address: Address, onRtcpPort: boolean): void {
    const plain = from.unprotectRtcp(data);
    if (typeof plain === "string") {
      refused++;
      return;
    }
    if (onRtcpPort || agreed?.rtcpMux) rtcpTarget = { address: address.address, port: address.port };
    const report = parseRtcp(plain);
    if (!report) return;
    const now = performance.now();
    if (report.senderReport) incoming.noteSenderReport(report.senderReport.ssrc, report.senderReport.compactNtp, now);
    if (report.keyframeRequest && kind !== "audio" && now - requestedAt >= keyframeInterval / 2) {
      requestedAt = now;
      events.onKeyframeRequest();
    }
  }

  function report(ask?: FeedbackRequest): void {
    if (!agreed || !rtcpTarget || closed) return;
    const now = performance.now();
    const block = incoming.block(now);
    const moment = performance.timeOrigin + now;
    const sending = last && {
      ntp: toNtp(moment),
      rtpTimestamp: (last.timestamp + Math.round(((now - last.at) * clockRate) / 1000)) >>> 0,
      packets: sent,
      octets,
    };
    const rtcp = buildRtcp({ ssrc, cname: options.cname, sent: sending, blocks: block ? [block] : [] }, ask);
    const packet = sender.protectRtcp(rtcp);
    if (agreed.rtcpMux) pair.send(packet, rtcpTarget);
    else pair.sendRtcp(packet, rtcpTarget);
  }

  function ask(): void {
    askLater = undefined;
    const media = incoming.ssrc;
    if (media === undefined) return; // nothing came yet: a stream begins with a key frame anyway
    askedAt = performance.now();
    if (agreed?.firOnly) firSequence++;
    report({ kind: agreed?.firOnly ? "fir" : "pli", media, sequence: firSequence });
  }

  const pair = await bindPair(options.pool, options.bindAddress, onDatagram);
  let timer: NodeJS.Timeout;
  const schedule = () => {
    timer = setTimeout(
      () => {
        report();
        schedule();
      },
      reportInterval * (0.5 + Math.random()),
    );
    timer.unref();
  };
  schedule();

  function sendOne(packet: RtpPacket): void {
    if (!agreed || !target) return;
    const now = performance.now();
    const place = outgoing.next(packet, now);
    if (!place) return;
    last = { timestamp: place.timestamp, at: now };
    sent++;
    octets += packet.payload.length;
    pair.send(
      sender.protect({
        payloadType: agreed.codec.payloadType,
        marker: packet.marker,
        sequence: place.sequence,
        timestamp: place.timestamp,
        ssrc,
        payload: packet.payload,
      }),
      target,
    );
  }

  return {
    kind,
    key,
    port: pair.port,
    get agreed() {
      return agreed;
    },
    apply(next, localTypes) {
      const before = agreed;
      agreed = next;
      if (before && !maySend(before.direction)) outgoing.interrupted();
      // The same key goes on: its replay window and roll-over counter must too.
      if (!remoteKey?.equals(next.key.key)) {
        remoteKey = next.key.key;
        receiver = srtpReceiver(next.key.key);
      }
      codecTypes = new Set([next.codec.payloadType, ...localTypes]);
      dtmfTypes = new Set(next.dtmf.map((map) => map.payloadType));
      for (const type of dtmfTypes) codecTypes.delete(type);
      // What was learnt from verified packets stands until the far end names another place.
      if (before?.address !== next.address || before.port !== next.port || before.rtcpPort !== next.rtcpPort) {
        const reachable = next.address !== "0.0.0.0";
        target = reachable ? { address: next.address, port: next.port } : undefined;
        rtcpTarget = reachable ? { address: next.address, port: next.rtcpPort } : undefined;
      }
      if (kind === "audio") return;
      inject ??= parameterSetInjector(next.parameterSets);
      if (before?.packetizationMode !== next.packetizationMode)
        convert = next.packetizationMode === 0 ? singleNalUnits() : undefined;
    },
    send(packet) {
      if (!agreed || closed || !maySend(agreed.direction)) return;
      if (!convert) sendOne(packet);
      else for (const one of convert(packet)) sendOne(one);
    },
    requestKeyframe() {
      if (closed || askLater) return;
      const wait = askedAt + keyframeInterval - performance.now();
      if (wait <= 0) ask();
      else askLater = setTimeout(ask, wait).unref();
    },
    stats: () => ({ received: incoming.received, sent, refused, lost: incoming.lost }),
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      clearTimeout(askLater);
      pair.close();
    },
  };
}
