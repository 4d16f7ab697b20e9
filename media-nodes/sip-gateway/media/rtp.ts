/**
 * RTP packets (RFC 3550 §5.1) as the gateway handles them: header fields as numbers, the payload untouched.
 * Header extensions and CSRCs of the sender end here: they mean nothing on the other side of the gateway.
 */

/** `video-2`: another camera of the station's, beside its own. */
export const mediaKinds = ["audio", "video", "video-2"] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** What SDP and WebRTC call it. */
export const mediaType = (kind: MediaKind): "audio" | "video" => (kind === "audio" ? "audio" : "video");

export type RtpPacket = {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
};

/** Reads a decrypted packet. Nothing for what is no RTP version 2 packet or lies about its lengths. */
export function parseRtp(data: Buffer): RtpPacket | undefined {
  const start = payloadOffset(data);
  if (start === undefined) return undefined;
  const second = data[1] ?? 0;
  let end = data.length;
  if (((data[0] ?? 0) & 0x20) !== 0) {
    const padding = data[end - 1] ?? 0;
    if (padding === 0 || padding > end - start) return undefined;
    end -= padding;
  }
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    payload: data.subarray(start, end),
  };
}

/** Where the payload begins: after the fixed header, the CSRCs and the extension (RFC 3550 §5.3.1). */
export function payloadOffset(data: Buffer): number | undefined {
  if (data.length < 12) return undefined;
  const first = data[0] ?? 0;
  if (first >> 6 !== 2) return undefined;
  let offset = 12 + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (data.length < offset + 4) return undefined;
    offset += 4 + 4 * data.readUInt16BE(offset + 2);
  }
  return offset <= data.length ? offset : undefined;
}

/** Writes the twelve bytes of a header without CSRC, extension or padding. */
export function writeRtpHeader(into: Buffer, packet: Omit<RtpPacket, "payload">): void {
  into[0] = 0x80;
  into[1] = packet.payloadType | (packet.marker ? 0x80 : 0);
  into[2] = packet.sequence >> 8;
  into[3] = packet.sequence & 0xff;
  into.writeUInt32BE(packet.timestamp, 4);
  into.writeUInt32BE(packet.ssrc, 8);
}

/** RTCP shares a port with RTP where both agreed to it; its packet types fall in 192-223 (RFC 5761 §4). */
export function isRtcp(data: Buffer): boolean {
  const type = data[1] ?? 0;
  return type >= 192 && type <= 223;
}
