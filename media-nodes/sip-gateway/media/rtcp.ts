/**
 * RTCP as the gateway needs it: sender and receiver reports with a CNAME (RFC 3550 §6), packets asked for again (NACK, RFC
 * 4585 §6.2.1), and requests for a key frame, PLI (RFC 4585 §6.3.1) and FIR (RFC 5104 §4.3.1). Compound packets of ours always
 * begin with a report.
 */

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const goodbye = 203;
const transportFeedback = 205;
const payloadFeedback = 206;
const known = new Set([senderReport, receiverReport, goodbye, transportFeedback, payloadFeedback]);
const nackFormat = 1;
const pliFormat = 1;
const firFormat = 4;

export type ReportBlock = {
  ssrc: number;
  /** Of 256, since the last report. */
  fractionLost: number;
  lost: number;
  highestSequence: number;
  jitter: number;
  lastSr: number;
  /** In 1/65536 s. */
  delaySinceLastSr: number;
};

export type Report = {
  ssrc: number;
  cname: string;
  /** Present: a sender report. */
  sent?: { ntp: bigint; rtpTimestamp: number; packets: number; octets: number };
  blocks: readonly ReportBlock[];
};

/** A request for a key frame of the stream `media`. `sequence` counts the FIRs (RFC 5104 §4.3.1.1). */
export type FeedbackRequest = { kind: "pli" | "fir"; media: number; sequence: number };

export type RtcpEvents = {
  /** The middle 32 bits of the NTP time of a sender report. */
  senderReport?: { ssrc: number; compactNtp: number };
  keyframeRequest: boolean;
  goodbye: boolean;
  /** What the other side says about a stream of ours. */
  blocks: { ssrc: number; fractionLost: number; lost: number }[];
  /** Packets of ours that did not arrive. */
  lost: { ssrc: number; sequence: number }[];
};

/** Builds a report with its source description, and the request for a key frame behind it when asked for. */
export function buildRtcp(report: Report, request?: FeedbackRequest): Buffer {
  const blocks = report.blocks.slice(0, 31);
  const head = report.sent ? 28 : 8;
  const reportLength = head + 24 * blocks.length;
  const cname = Buffer.from(report.cname, "ascii").subarray(0, 255);
  const sdesLength = 4 * Math.ceil((8 + 2 + cname.length + 1) / 4);
  const feedbackLength = request ? (request.kind === "fir" ? 20 : 12) : 0;
  const out = Buffer.alloc(reportLength + sdesLength + feedbackLength);
  writeHead(out, 0, blocks.length, report.sent ? senderReport : receiverReport, reportLength);
  out.writeUInt32BE(report.ssrc, 4);
  if (report.sent) {
    out.writeBigUInt64BE(report.sent.ntp, 8);
    out.writeUInt32BE(report.sent.rtpTimestamp, 16);
    out.writeUInt32BE(report.sent.packets >>> 0, 20);
    out.writeUInt32BE(report.sent.octets >>> 0, 24);
  }
  blocks.forEach((block, i) => {
    writeBlock(out, head + 24 * i, block);
  });
  writeHead(out, reportLength, 1, sourceDescription, sdesLength);
  out.writeUInt32BE(report.ssrc, reportLength + 4);
  out[reportLength + 8] = 1;
  out[reportLength + 9] = cname.length;
  cname.copy(out, reportLength + 10);
  if (request) {
    const at = reportLength + sdesLength;
    writeHead(out, at, request.kind === "fir" ? firFormat : pliFormat, payloadFeedback, feedbackLength);
    out.writeUInt32BE(report.ssrc, at + 4);
    if (request.kind === "pli") out.writeUInt32BE(request.media, at + 8);
    else {
      out.writeUInt32BE(request.media, at + 12);
      out[at + 16] = request.sequence & 0xff;
    }
  }
  return out;
}

function writeHead(out: Buffer, at: number, count: number, type: number, length: number): void {
  out[at] = 0x80 | count;
  out[at + 1] = type;
  out.writeUInt16BE(length / 4 - 1, at + 2);
}

function writeBlock(out: Buffer, at: number, block: ReportBlock): void {
  out.writeUInt32BE(block.ssrc, at);
  out[at + 4] = block.fractionLost;
  out.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, block.lost)), at + 5, 3);
  out.writeUInt32BE(block.highestSequence >>> 0, at + 8);
  out.writeUInt32BE(block.jitter >>> 0, at + 12);
  out.writeUInt32BE(block.lastSr >>> 0, at + 16);
  out.writeUInt32BE(block.delaySinceLastSr >>> 0, at + 20);
}

/** Whether a packet begins with something `parseRtcp` reads. Its first header is in the clear under SRTCP, too (RFC 3711 §3.4). */
export function beginsKnown(data: Buffer): boolean {
  return known.has(data[1] ?? 0);
}

/** Reads a compound packet. Unknown kinds are skipped; nothing at all is returned when a length is wrong. */
export function parseRtcp(data: Buffer): RtcpEvents | undefined {
  const events: RtcpEvents = { keyframeRequest: false, goodbye: false, blocks: [], lost: [] };
  let at = 0;
  while (at < data.length) {
    if (data.length - at < 4 || (data[at] ?? 0) >> 6 !== 2) return undefined;
    const end = at + 4 * (data.readUInt16BE(at + 2) + 1);
    if (end > data.length) return undefined;
    readOne(data.subarray(at, end), events);
    at = end;
  }
  return events;
}

function readOne(packet: Buffer, events: RtcpEvents): void {
  const count = (packet[0] ?? 0) & 0x1f;
  switch (packet[1]) {
    case senderReport:
      if (packet.length < 28) return;
      events.senderReport = { ssrc: packet.readUInt32BE(4), compactNtp: packet.readUInt32BE(10) };
      readBlocks(packet, 28, count, events);
      return;
    case receiverReport:
      readBlocks(packet, 8, count, events);
      return;
    case goodbye:
      events.goodbye = true;
      return;
    case transportFeedback:
      if (count === nackFormat && packet.length >= 12) readLost(packet, events);
      return;
    case payloadFeedback:
      if ((count === pliFormat && packet.length >= 12) || (count === firFormat && packet.length >= 20))
        events.keyframeRequest = true;
      return;
  }
}

/** Each entry names a packet, and by its bits the sixteen that follow. */
function readLost(packet: Buffer, events: RtcpEvents): void {
  const ssrc = packet.readUInt32BE(8);
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const following = packet.readUInt16BE(at + 2);
    events.lost.push({ ssrc, sequence: first });
    for (let i = 0; i < 16; i++)
      if ((following & (1 << i)) !== 0) events.lost.push({ ssrc, sequence: (first + 1 + i) & 0xffff });
  }
}

function readBlocks(packet: Buffer, start: number, count: number, events: RtcpEvents): void {
  for (let i = 0, at = start; i < count && at + 24 <= packet.length; i++, at += 24) {
    const fractionLost = packet[at + 4] ?? 0;
    events.blocks.push({ ssrc: packet.readUInt32BE(at), fractionLost, lost: packet.readIntBE(at + 5, 3) });
  }
}

/** A moment in milliseconds since the Unix epoch as an NTP timestamp (RFC 3550 §4). */
export function toNtp(moment: number): bigint {
  const seconds = Math.floor(moment / 1000);
  const fraction = Math.floor(((moment - seconds * 1000) / 1000) * 0x100000000);
  return (BigInt(seconds + 2_208_988_800) << 32n) | BigInt(fraction);
}
