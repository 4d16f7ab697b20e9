/**
 * RTP and RTCP straight between our SRTP and the ICE socket, past werift's senders and receivers: they cost several times as
 * much a packet as the packet itself, check no replay, and report what they have not seen. werift keeps ICE and DTLS.
 */
import { type RTCDtlsTransport, StunProtocol } from "werift";
import { type Reception, reception } from "../media/reception.ts";
import { beginsKnown, buildRtcp, type FeedbackRequest, parseRtcp, type Report, toNtp } from "../media/rtcp.ts";
import { isRtcp, type RtpPacket } from "../media/rtp.ts";
import { srtpReceiver, srtpSender } from "../media/srtp.ts";

/** DTLS-SRTP's number of AES_CM_128_HMAC_SHA1_80 (RFC 5764 §4.1.2), the one profile spoken here. */
export const srtpProfile = 1;

/** LiveKit reckons quality and lip sync by reports; it sends its own about as often. Milliseconds. */
const reportInterval = 1000;
/** Packets kept for repeating when LiveKit misses them. A power of two. */
const history = 256;
/** The SSRC of who only receives. */
const listener = 1;

export type QuickPath = {
  /** Sends a packet as it is. `clockRate` in Hz. */
  send(packet: RtpPacket, clockRate: number): void;
  /** Asks the far end for a key frame of the stream `ssrc` (RFC 4585 §6.3.1). */
  requestKeyframe(ssrc: number): void;
  /** When anything last arrived, also ICE's own checks, on the clock of `performance.now()`. */
  readonly heardAt: number;
  close(): void;
};

export type QuickPathEvents = {
  /** Each packet once, verified. */
  onRtp(packet: RtpPacket): void;
  /** The far end asks for a key frame of what we send. */
  onKeyframeRequest(): void;
};

type Sending = {
  packets: number;
  octets: number;
  timestamp: number;
  at: number;
  clockRate: number;
  kept: (Buffer | undefined)[];
};

/**
 * Takes over a transport whose DTLS is connected.
 * @param cname the name our streams have in the SDP
 */
export function takeOver(transport: RTCDtlsTransport, cname: string, events: QuickPathEvents): QuickPath {
  const { localMasterKey, localMasterSalt, remoteMasterKey, remoteMasterSalt } = transport.srtp.config.keys;
  const sender = srtpSender(Buffer.concat([localMasterKey, localMasterSalt]));
  const receiver = srtpReceiver(Buffer.concat([remoteMasterKey, remoteMasterSalt]));
  const receiving = new Map<number, Reception>();
  const sending = new Map<number, Sending>();
  // Under one key there may be one who counts the packets: werift's own reports would repeat our key stream.
  Object.assign(transport, { sendRtcp: async () => {} });
  let heardAt = performance.now();
  const socket = udpOf(transport, (data) => {
    heardAt = performance.now();
    // RFC 7983: 128-191 is RTP or RTCP.
    const first = data[0] ?? 0;
    if (first < 128 || first > 191) return false;
    if (isRtcp(data)) onRtcp(data);
    else onRtp(data, heardAt);
    return true;
  });

  function onRtp(data: Buffer, now: number): void {
    const packet = receiver.unprotect(data);
    if (typeof packet === "string") return;
    let known = receiving.get(packet.ssrc);
    if (!known) {
      known = reception(48_000);
      receiving.set(packet.ssrc, known);
    }
    known.note(packet, now);
    events.onRtp(packet);
  }

  function onRtcp(data: Buffer): void {
    // The first header is in the clear: an extended report (RFC 3611), of which LiveKit sends many, is not even decrypted.
    if (!beginsKnown(data)) return;
    const plain = receiver.unprotectRtcp(data);
    const report = typeof plain === "string" ? undefined : parseRtcp(plain);
    if (!report) return;
    const { senderReport, lost } = report;
    if (senderReport)
      receiving.get(senderReport.ssrc)?.noteSenderReport(senderReport.ssrc, senderReport.compactNtp, performance.now());
    if (report.keyframeRequest) events.onKeyframeRequest();
    for (const { ssrc, sequence } of lost) repeat(ssrc, sequence);
  }

  /** Sends a packet again that was lost on the way (RFC 4585 §6.2.1). */
  function repeat(ssrc: number, sequence: number): void {
    const data = sending.get(ssrc)?.kept[sequence % history];
    // The same bytes once more: the other side has not seen this index, or its replay window drops it.
    if (data && data.readUInt16BE(2) === sequence) socket(data);
  }

  function say(report: Omit<Report, "cname">, request?: FeedbackRequest): void {
    if (transport.state === "connected") socket(sender.protectRtcp(buildRtcp({ ...report, cname }, request)));
  }

  function sayReports(): void {
    const now = performance.now();
    for (const [ssrc, one] of sending) {
      const rtpTimestamp = (one.timestamp + Math.round(((now - one.at) * one.clockRate) / 1000)) >>> 0;
      const ntp = toNtp(performance.timeOrigin + now);
      say({ ssrc, sent: { ntp, rtpTimestamp, packets: one.packets, octets: one.octets }, blocks: [] });
    }
    const blocks = [...receiving.values()].flatMap((one) => one.block(now) ?? []);
    if (blocks.length > 0) say({ ssrc: listener, blocks });
  }
  const timer = setInterval(sayReports, reportInterval);
  timer.unref();

  return {
    send(packet, clockRate) {
      if (transport.state !== "connected") return;
      let one = sending.get(packet.ssrc);
      if (!one) {
        one = { packets: 0, octets: 0, timestamp: 0, at: 0, clockRate, kept: [] };
        sending.set(packet.ssrc, one);
      }
      one.packets++;
      one.octets += packet.payload.length;
      one.timestamp = packet.timestamp;
      one.at = performance.now();
      const data = sender.protect(packet);
      one.kept[packet.sequence % history] = data;
      socket(data);
    },
    get heardAt() {
      return heardAt;
    },
    requestKeyframe: (media) => say({ ssrc: listener, blocks: [] }, { kind: "pli", media, sequence: 0 }),
    close: () => clearInterval(timer),
  };
}

/** The nominated pair's UDP socket: what `receive` does not take goes to werift as before. Returns how to send. */
function udpOf(transport: RTCDtlsTransport, receive: (data: Buffer) => boolean): (data: Buffer) => void {
  const pair = transport.iceTransport.connection.nominated;
  if (!pair || !(pair.protocol instanceof StunProtocol)) throw new Error("LiveKit is not reached by UDP");
  const udp = pair.protocol.transport;
  const others = udp.onData;
  udp.onData = (data, address) => {
    if (!receive(data)) others(data, address);
  };
  const [host, port] = pair.remoteAddr;
  const { socket } = udp;
  let connected = false;
  // LiveKit has one UDP port for everything; a connected socket spares a route and an address look-up a packet. A refused
  // packet then shows as an error, which is the network's business: ICE notices if it lasts.
  socket.on("error", () => {});
  socket.connect(port, host, () => {
    connected = true;
    udp.send = async (data) => {
      if (!udp.closed) socket.send(data);
    };
  });
  return (data) => {
    if (udp.closed) return;
    if (connected) socket.send(data);
    else socket.send(data, port, host);
  };
}
