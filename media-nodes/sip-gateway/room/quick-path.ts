/**
 * RTP straight between our SRTP and the ICE socket, past werift's senders and receivers: they cost several times as much a
 * packet as the packet itself, and check no replay. werift keeps ICE, DTLS and the encryption of RTCP; reports are ours.
 */
import {
  type RTCDtlsTransport,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
  StunProtocol,
} from "werift";
import { type Reception, reception } from "../media/reception.ts";
import { toNtp } from "../media/rtcp.ts";
import { isRtcp, type RtpPacket } from "../media/rtp.ts";
import { srtpReceiver, srtpSender } from "../media/srtp.ts";

/** DTLS-SRTP's number of AES_CM_128_HMAC_SHA1_80 (RFC 5764 §4.1.2), the one profile spoken here. */
export const srtpProfile = 1;

/** LiveKit reckons quality and lip sync by reports; it sends its own about as often. Milliseconds. */
const reportInterval = 1000;
/** Packets kept for repeating when LiveKit misses them. A power of two. */
const history = 256;

export type QuickPath = {
  /** Sends a packet as it is. `clockRate` in Hz. */
  send(packet: RtpPacket, clockRate: number): void;
  /** Sends a packet again that was lost on the way (RFC 4585 §6.2.1). */
  repeat(ssrc: number, sequence: number): void;
  close(): void;
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
 * @param onRtp gets each packet once, verified
 */
export function takeOver(transport: RTCDtlsTransport, onRtp: (packet: RtpPacket) => void): QuickPath {
  const { localMasterKey, localMasterSalt, remoteMasterKey, remoteMasterSalt } = transport.srtp.config.keys;
  const sender = srtpSender(Buffer.concat([localMasterKey, localMasterSalt]));
  const receiver = srtpReceiver(Buffer.concat([remoteMasterKey, remoteMasterSalt]));
  const receiving = new Map<number, Reception>();
  const sending = new Map<number, Sending>();
  const socket = udpOf(transport, onDatagram);

  function onDatagram(data: Buffer): void {
    const packet = receiver.unprotect(data);
    if (typeof packet === "string") return;
    let known = receiving.get(packet.ssrc);
    if (!known) {
      known = reception(48_000);
      receiving.set(packet.ssrc, known);
    }
    known.note(packet, performance.now());
    onRtp(packet);
  }

  transport.onRtcp.subscribe((report) => {
    if (!(report instanceof RtcpSrPacket)) return;
    const compact = Number((report.senderInfo.ntpTimestamp >> 16n) & 0xffffffffn);
    receiving.get(report.ssrc)?.noteSenderReport(report.ssrc, compact, performance.now());
  });

  function report(): void {
    if (transport.state !== "connected") return;
    const now = performance.now();
    const reports = [...receiving.values()].flatMap((one) => {
      const block = one.block(now);
      if (!block) return [];
      const { lastSr: lsr, delaySinceLastSr: dlsr, lost: packetsLost, ...rest } = block;
      return [new RtcpReceiverInfo({ ...rest, packetsLost: Math.max(0, packetsLost), lsr, dlsr })];
    });
    const packets: (RtcpSrPacket | RtcpRrPacket)[] = [...sending].map(([ssrc, one]) => {
      const rtpTimestamp = (one.timestamp + Math.round(((now - one.at) * one.clockRate) / 1000)) >>> 0;
      const ntpTimestamp = toNtp(performance.timeOrigin + now);
      const counts = { packetCount: one.packets >>> 0, octetCount: one.octets >>> 0 };
      return new RtcpSrPacket({ ssrc, senderInfo: new RtcpSenderInfo({ ntpTimestamp, rtpTimestamp, ...counts }) });
    });
    if (reports.length > 0) packets.push(new RtcpRrPacket({ ssrc: 1, reports: reports.slice(0, 31) }));
    if (packets.length > 0) transport.sendRtcp(packets).catch(() => {});
  }
  const timer = setInterval(report, reportInterval);
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
    repeat(ssrc, sequence) {
      const data = sending.get(ssrc)?.kept[sequence % history];
      // The same bytes once more: the other side has not seen this index, or its replay window drops it.
      if (data && data.readUInt16BE(2) === sequence) socket(data);
    },
    close: () => clearInterval(timer),
  };
}

/** The nominated pair's UDP socket: arriving RTP goes to `receive`, the rest to werift as before. Returns how to send. */
function udpOf(transport: RTCDtlsTransport, receive: (data: Buffer) => void): (data: Buffer) => void {
  const pair = transport.iceTransport.connection.nominated;
  if (!pair || !(pair.protocol instanceof StunProtocol)) throw new Error("LiveKit is not reached by UDP");
  const udp = pair.protocol.transport;
  const others = udp.onData;
  udp.onData = (data, address) => {
    const first = data[0] ?? 0;
    // RFC 7983: 128-191 is RTP or RTCP.
    if (first >= 128 && first <= 191 && !isRtcp(data)) receive(data);
    else others(data, address);
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
