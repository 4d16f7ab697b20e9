/**
 * SRTP and SRTCP with AES_CM_128_HMAC_SHA1_80 (RFC 3711), one direction a context.
 *
 * Written here because the library at hand accepts a packet again and again, and because its two OpenSSL set-ups a packet
 * cost several times what is needed here (key-stream.ts, hmac.ts).
 */
import { hmacSha1 } from "./hmac.ts";
import { blockCipher, type KeyStream, keyStream } from "./key-stream.ts";
import { parseRtp, payloadOffset, type RtpPacket, writeRtpHeader } from "./rtp.ts";

/** Master key and master salt together, in bytes (RFC 4568 §6.2). */
export const srtpKeyLength = 30;
/** Authentication tag, in bytes. */
export const srtpTagLength = 10;

/** Why a packet was refused. */
export type SrtpRefusal = "malformed" | "replayed" | "too-old" | "unauthentic" | "too-many-sources";

/** Packets remembered per source. RFC 3711 §3.3.2 asks for 64 or more; video comes in bursts. */
const replayWindow = 256;
/** A station has one source a stream; a few more come and go with restarts. Without a bound a key holder could fill the memory. */
const maxSources = 32;

type SessionKeys = { stream: KeyStream; tag(data: Buffer): Uint8Array };

/** Derives the session keys (RFC 3711 §4.3.1, key derivation rate 0). Labels: encryption, authentication, salt. */
export function deriveSessionKeys(
  master: Buffer,
  labels: readonly [number, number, number],
): { key: Buffer; auth: Buffer; salt: Buffer } {
  const cipher = blockCipher(master.subarray(0, 16));
  const stream = (label: number, length: number) => {
    const blocks = Buffer.alloc(16 * Math.ceil(length / 16));
    for (let i = 0; i * 16 < blocks.length; i++) {
      master.copy(blocks, i * 16, 16, srtpKeyLength);
      blocks[i * 16 + 7] = (blocks[i * 16 + 7] ?? 0) ^ label;
      blocks[i * 16 + 15] = i;
    }
    return Buffer.from(cipher.update(blocks).subarray(0, length));
  };
  return { key: stream(labels[0], 16), auth: stream(labels[1], 20), salt: stream(labels[2], 14) };
}

const rtpLabels = [0, 1, 2] as const;
const rtcpLabels = [3, 4, 5] as const;

function sessionKeys(master: Buffer, labels: readonly [number, number, number]): SessionKeys {
  if (master.length !== srtpKeyLength) throw new RangeError(`an SRTP master key with salt has ${srtpKeyLength} bytes`);
  const { key, auth, salt } = deriveSessionKeys(master, labels);
  return { stream: keyStream(key, salt), tag: hmacSha1(auth) };
}

/** Compares the 80 bits of a tag in constant time. */
function sameTag(data: Buffer, at: number, tag: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < srtpTagLength; i++) difference |= (data[at + i] ?? 0) ^ (tag[i] ?? 0);
  return difference === 0;
}

/** The indices of one source that were seen: a ring of `index + 1`, so that 0 means never. */
type Seen = { highest: number; ring: Float64Array };

function newSeen(index: number): Seen {
  return { highest: index, ring: new Float64Array(replayWindow) };
}

function checkReplay(seen: Seen, index: number): SrtpRefusal | undefined {
  if (index <= seen.highest - replayWindow) return "too-old";
  return seen.ring[index % replayWindow] === index + 1 ? "replayed" : undefined;
}

function markSeen(seen: Seen, index: number): void {
  seen.ring[index % replayWindow] = index + 1;
  if (index > seen.highest) seen.highest = index;
}

/**
 * The packet index nearest to the highest one known (RFC 3711 §3.3.1 and appendix A). Negative when the packet lies
 * before the stream's beginning.
 */
export function estimateIndex(highest: number, sequence: number): number {
  const roc = Math.floor(highest / 0x10000);
  const last = highest % 0x10000;
  let guess = roc;
  if (last < 0x8000) {
    if (sequence - last > 0x8000) guess = roc - 1;
  } else if (last - 0x8000 > sequence) guess = roc + 1;
  return guess * 0x10000 + sequence;
}

export type SrtpSender = {
  protect(packet: RtpPacket): Buffer;
  /** A whole compound packet. */
  protectRtcp(rtcp: Buffer): Buffer;
};

/** Protects what we send under our master key. */
export function srtpSender(master: Buffer): SrtpSender {
  const rtp = sessionKeys(master, rtpLabels);
  const rtcp = sessionKeys(master, rtcpLabels);
  const highest = new Map<number, number>();
  let rtcpIndex = 0;
  return {
    protect(packet) {
      const known = highest.get(packet.ssrc);
      const index = known === undefined ? packet.sequence : Math.max(0, estimateIndex(known, packet.sequence));
      if (known === undefined || index > known) highest.set(packet.ssrc, index);
      const end = 12 + packet.payload.length;
      const out = Buffer.allocUnsafe(end + srtpTagLength);
      writeRtpHeader(out, packet);
      rtp.stream.apply(packet.ssrc, index, packet.payload, out, 12);
      // The roll-over counter is authenticated behind the packet but not sent; the tag then takes its place.
      out.writeUInt32BE(Math.floor(index / 0x10000), end);
      out.set(rtp.tag(out.subarray(0, end + 4)).subarray(0, srtpTagLength), end);
      return out;
    },
    protectRtcp(packet) {
      rtcpIndex = (rtcpIndex + 1) & 0x7fffffff;
      const end = packet.length;
      const out = Buffer.allocUnsafe(end + 4 + srtpTagLength);
      packet.copy(out, 0, 0, 8);
      rtcp.stream.apply(packet.readUInt32BE(4), rtcpIndex, packet.subarray(8), out, 8);
      out.writeUInt32BE((rtcpIndex | 0x80000000) >>> 0, end);
      out.set(rtcp.tag(out.subarray(0, end + 4)).subarray(0, srtpTagLength), end + 4);
      return out;
    },
  };
}

export type SrtpReceiver = {
  /** Verifies, refuses repeats, decrypts. `data` may be scribbled on. */
  unprotect(data: Buffer): RtpPacket | SrtpRefusal;
  unprotectRtcp(data: Buffer): Buffer | SrtpRefusal;
};

/** Checks what the other side sent under its master key. Only an authentic packet changes anything. */
export function srtpReceiver(master: Buffer): SrtpReceiver {
  const rtp = sessionKeys(master, rtpLabels);
  const rtcp = sessionKeys(master, rtcpLabels);
  const rtpSeen = new Map<number, Seen>();
  const rtcpSeen = new Map<number, Seen>();
  function open(data: Buffer): Buffer | SrtpRefusal {
    const start = payloadOffset(data);
    const end = data.length - srtpTagLength;
    if (start === undefined || start > end) return "malformed";
    const ssrc = data.readUInt32BE(8);
    const sequence = data.readUInt16BE(2);
    const known = rtpSeen.get(ssrc);
    if (!known && rtpSeen.size >= maxSources) return "too-many-sources";
    const index = known ? estimateIndex(known.highest, sequence) : sequence;
    if (index < 0) return "too-old";
    const refusal = known && checkReplay(known, index);
    if (refusal) return refusal;
    // The roll-over counter takes the place of the tag's first bytes while the tag is reckoned.
    const first = data.readUInt32BE(end);
    data.writeUInt32BE(Math.floor(index / 0x10000), end);
    const tag = rtp.tag(data.subarray(0, end + 4));
    data.writeUInt32BE(first, end);
    if (!sameTag(data, end, tag)) return "unauthentic";
    rtp.stream.apply(ssrc, index, data.subarray(start, end), data, start);
    const seen = known ?? newSeen(index);
    if (!known) rtpSeen.set(ssrc, seen);
    markSeen(seen, index);
    return data.subarray(0, end);
  }
  return {
    unprotect(data) {
      const plain = open(data);
      return typeof plain === "string" ? plain : (parseRtp(plain) ?? "malformed");
    },
    unprotectRtcp(data) {
      const end = data.length - srtpTagLength - 4;
      if (end < 8 || (data[0] ?? 0) >> 6 !== 2) return "malformed";
      const trailer = data.readUInt32BE(end);
      // Unencrypted SRTCP is for those who agreed to it (RFC 4568 §6.3.2), and we never do.
      if (trailer >>> 31 === 0) return "malformed";
      const index = trailer & 0x7fffffff;
      const ssrc = data.readUInt32BE(4);
      const known = rtcpSeen.get(ssrc);
      if (!known && rtcpSeen.size >= maxSources) return "too-many-sources";
      const refusal = known && checkReplay(known, index);
      if (refusal) return refusal;
      if (!sameTag(data, end + 4, rtcp.tag(data.subarray(0, end + 4)))) return "unauthentic";
      const out = Buffer.from(data.subarray(0, end));
      rtcp.stream.apply(ssrc, index, out.subarray(8), out, 8);
      const seen = known ?? newSeen(index);
      if (!known) rtcpSeen.set(ssrc, seen);
      markSeen(seen, index);
      return out;
    },
  };
}
