/** H.264 in RTP (RFC 6184): what passes between a station and a browser must be fit for the other side's packetization-mode. */
import { signed16 } from "./continuity.ts";
import type { RtpPacket } from "./rtp.ts";

const idrSlice = 5;
const sps = 7;
const pps = 8;
const stapA = 24;
const fuA = 28;

/** A NAL unit put together from fragments goes out as one datagram, which UDP bounds. IP may fragment it. */
const maxNal = 60_000;
/** A whole access unit, e.g. the key frame of a snapshot. */
const maxAccessUnit = 2_000_000;

const typeOf = (nal: Buffer) => (nal[0] ?? 0) & 0x1f;

/** The NAL units aggregated in a STAP-A, or nothing where a length is wrong. */
export function splitStapA(payload: Buffer): Buffer[] | undefined {
  const nals: Buffer[] = [];
  let at = 1;
  while (at + 2 < payload.length) {
    const length = payload.readUInt16BE(at);
    if (length === 0 || at + 2 + length > payload.length) return undefined;
    nals.push(payload.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return at === payload.length && nals.length > 0 ? nals : undefined;
}

/** Puts NAL units into one STAP-A. */
export function joinStapA(nals: readonly Buffer[]): Buffer {
  const importance = nals.reduce((most, nal) => Math.max(most, (nal[0] ?? 0) & 0x60), 0);
  const parts: Buffer[] = [Buffer.from([importance | stapA])];
  for (const nal of nals) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(nal.length);
    parts.push(length, nal);
  }
  return Buffer.concat(parts);
}

/** The types of the NAL units that begin in this payload. A fragment counts where its unit starts. */
export function startingTypes(payload: Buffer): number[] {
  const type = typeOf(payload);
  if (type === fuA) return ((payload[1] ?? 0) & 0x80) !== 0 ? [(payload[1] ?? 0) & 0x1f] : [];
  if (type === stapA) return (splitStapA(payload) ?? []).map(typeOf);
  return payload.length > 0 ? [type] : [];
}

/** Whether a key frame's first slice begins here. */
export function startsKeyframe(payload: Buffer): boolean {
  return startingTypes(payload).includes(idrSlice);
}

/** A converter of packets: what goes in, and what should go on in its place. */
export type Converter = (packet: RtpPacket) => RtpPacket[];

/**
 * Puts SPS and PPS before every key frame that comes without: those of the SDP, or those last seen in the stream. Someone who
 * joins late has no others. Sequence numbers are moved up by what was put in.
 */
export function parameterSetInjector(fromSdp: readonly Buffer[]): Converter {
  let known: Buffer[] = [...fromSdp];
  let shift = 0;
  let shiftedAt: number | undefined; // the first sequence number under the present shift
  let setsAt: number | undefined; // timestamp of the picture that already has its sets
  let source: number | undefined;
  const remember = (nal: Buffer) => {
    const type = typeOf(nal);
    if (type !== sps && type !== pps) return;
    if (type === sps) known = known.filter((set) => typeOf(set) !== sps);
    known = known.filter((set) => !(typeOf(set) === type && type === pps && set.equals(nal)));
    known.push(Buffer.from(nal));
    if (known.length > 8)
      known.splice(
        known.findIndex((set) => typeOf(set) === pps),
        1,
      );
  };
  return (packet) => {
    if (packet.ssrc !== source) {
      source = packet.ssrc;
      shiftedAt = undefined;
      setsAt = undefined;
    }
    const type = typeOf(packet.payload);
    if (type === stapA) splitStapA(packet.payload)?.forEach(remember);
    else remember(packet.payload);
    const types = startingTypes(packet.payload);
    if (types.includes(sps)) setsAt = packet.timestamp;
    // A straggler from before the insertion keeps the old numbering.
    const late =
      shiftedAt !== undefined &&
      signed16(packet.sequence - shiftedAt) < 0 &&
      signed16(packet.sequence - shiftedAt) > -256;
    const moved = { ...packet, sequence: (packet.sequence + shift - (late ? 1 : 0)) & 0xffff };
    if (late || !types.includes(idrSlice) || setsAt === packet.timestamp || known.length < 2) return [moved];
    setsAt = packet.timestamp;
    shiftedAt = packet.sequence;
    shift++;
    const ordered = [...known].sort((a, b) => typeOf(a) - typeOf(b));
    const sets = { ...moved, marker: false, payload: joinStapA(ordered) };
    return [sets, { ...moved, sequence: (moved.sequence + 1) & 0xffff }];
  };
}

/**
 * For a station that takes packetization-mode 0 alone: aggregated units are taken apart, fragmented ones put together. A unit
 * with a missing fragment is left out, and a number is left out with it so that the loss shows.
 */
export function singleNalUnits(): Converter {
  let sequence = 0;
  let expected: number | undefined;
  let source: number | undefined;
  let unit: { parts: Buffer[]; size: number; timestamp: number } | undefined;
  const emit = (packet: RtpPacket, payload: Buffer, marker: boolean): RtpPacket => {
    sequence = (sequence + 1) & 0xffff;
    return { ...packet, sequence, payload, marker };
  };
  return (packet) => {
    if (packet.ssrc !== source) {
      source = packet.ssrc;
      expected = undefined;
      unit = undefined;
    }
    const gap = expected !== undefined && packet.sequence !== expected;
    const behind = expected === undefined ? 0 : signed16(packet.sequence - expected);
    if (behind < 0 && behind > -1000) return []; // too late to be put anywhere
    expected = (packet.sequence + 1) & 0xffff;
    if (gap) {
      unit = undefined;
      sequence = (sequence + 1) & 0xffff;
    }
    const payload = packet.payload;
    const type = typeOf(payload);
    if (type === stapA) {
      const nals = splitStapA(payload) ?? [];
      return nals.map((nal, i) => emit(packet, nal, packet.marker && i === nals.length - 1));
    }
    if (type > 0 && type < 24) return [emit(packet, payload, packet.marker)];
    if (type !== fuA || payload.length < 3) return [];
    const header = payload[1] ?? 0;
    if ((header & 0x80) !== 0)
      unit = {
        parts: [Buffer.from([((payload[0] ?? 0) & 0xe0) | (header & 0x1f)])],
        size: 1,
        timestamp: packet.timestamp,
      };
    if (!unit || unit.timestamp !== packet.timestamp) return [];
    unit.parts.push(payload.subarray(2));
    unit.size += payload.length - 2;
    if (unit.size > maxNal) {
      unit = undefined;
      sequence = (sequence + 1) & 0xffff;
      return [];
    }
    if ((header & 0x40) === 0) return [];
    const whole = Buffer.concat(unit.parts);
    unit = undefined;
    return [emit(packet, whole, packet.marker)];
  };
}

const startCode = Buffer.from([0, 0, 0, 1]);

/**
 * Gathers the first whole key frame as an Annex B byte stream, parameter sets included. Returns it with the packet that
 * completes it (the marker, or the next picture's first packet). A picture with a gap is thrown away.
 */
export function keyframeGatherer(): (packet: RtpPacket) => Buffer | undefined {
  let parts: Buffer[] = [];
  let size = 0;
  let timestamp: number | undefined;
  let expected: number | undefined;
  let good = false;
  let hasIdr = false;
  const reset = () => {
    parts = [];
    size = 0;
    hasIdr = false;
  };
  const add = (...more: Buffer[]) => {
    for (const part of more) {
      parts.push(part);
      size += part.length;
    }
  };
  return (packet) => {
    const lost = expected !== undefined && packet.sequence !== expected;
    expected = (packet.sequence + 1) & 0xffff;
    if (packet.timestamp !== timestamp) {
      timestamp = packet.timestamp;
      reset();
      good = !lost;
    } else if (lost) good = false;
    const payload = packet.payload;
    const type = typeOf(payload);
    if (startsKeyframe(payload)) hasIdr = true;
    if (type === stapA) for (const nal of splitStapA(payload) ?? []) add(startCode, nal);
    else if (type === fuA && payload.length > 2) {
      const header = payload[1] ?? 0;
      if ((header & 0x80) !== 0) add(startCode, Buffer.from([((payload[0] ?? 0) & 0xe0) | (header & 0x1f)]));
      add(payload.subarray(2));
    } else if (type > 0 && type < 24) add(startCode, payload);
    if (size > maxAccessUnit) good = false;
    if (!packet.marker) return undefined;
    const whole = good && hasIdr && size <= maxAccessUnit ? Buffer.concat(parts) : undefined;
    reset();
    good = false;
    return whole;
  };
}
