/**
 * Session descriptions (RFC 8866) as far as a door call needs them, strict and bounded: audio and video over SRTP with keys
 * in the SDP (RFC 4568). Pure: text in, values out.
 */
import { isIPv4 } from "node:net";
import { srtpKeyLength } from "./srtp.ts";

/** Nobody's door call needs more. A description beyond any of these is refused, not cut. */
const bounds = { bytes: 16_384, lines: 300, media: 8, formats: 64, cryptos: 16 };

export const srtpSuite = "AES_CM_128_HMAC_SHA1_80";

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export type RtpMap = {
  payloadType: number;
  /** Lower case: `opus`, `h264`, `telephone-event`. */
  encoding: string;
  clockRate: number;
  channels: number;
  /** The parameters of `a=fmtp`, names in lower case. */
  parameters: ReadonlyMap<string, string>;
};

export type SdesKey = { tag: number; key: Buffer };

export type SdpMedia = {
  kind: string;
  /** 0: refused or taken away. */
  port: number;
  protocol: string;
  /** As written on the m= line, for giving back with port 0. */
  formats: string;
  maps: readonly RtpMap[];
  /** Keys under the suite we speak, in order of preference. */
  keys: readonly SdesKey[];
  /** Whether any a=crypto was there, also of suites unknown to us. */
  encrypted: boolean;
  address: string;
  rtcpPort: number;
  rtcpMux: boolean;
  direction: Direction;
  /** `ccm fir` without `nack pli`: the far end wants FIR. */
  firOnly: boolean;
};

export type Sdp = { origin: string; version: string; media: readonly SdpMedia[] };

type Lines = { type: string; value: string }[];

/** Parses a description. The reason of a failure is for the log and the Warning header, and quotes nothing. */
export function parseSdp(text: string): { ok: true; sdp: Sdp } | { ok: false; reason: string } {
  try {
    return { ok: true, sdp: parse(text) };
  } catch (error) {
    if (error instanceof SdpError) return { ok: false, reason: error.message };
    throw error;
  }
}

class SdpError extends Error {}

function parse(text: string): Sdp {
  const lines = splitLines(text);
  const first = lines.findIndex((line) => line.type === "m");
  const session = first < 0 ? lines : lines.slice(0, first);
  if (session[0]?.type !== "v" || session[0].value !== "0") throw new SdpError("no v=0 line");
  const origin = session.find((line) => line.type === "o")?.value.split(" ");
  if (origin?.length !== 6) throw new SdpError("no o= line of six fields");
  const sessionAddress = connection(session);
  const sessionDirection = direction(session);
  const sections: Lines[] = [];
  for (const line of first < 0 ? [] : lines.slice(first)) {
    if (line.type === "m") sections.push([line]);
    else sections[sections.length - 1]?.push(line);
  }
  if (sections.length > bounds.media) throw new SdpError("too many media");
  const media = sections.map((section) => parseMedia(section, sessionAddress, sessionDirection));
  return { origin: `${origin[0]} ${origin[1]} ${origin[5]}`, version: origin[2] ?? "", media };
}

function splitLines(text: string): Lines {
  if (text.length > bounds.bytes) throw new SdpError("description too long");
  const raw = text.split(/\r\n|\n/);
  if (raw[raw.length - 1] === "") raw.pop();
  if (raw.length > bounds.lines) throw new SdpError("too many lines");
  return raw.map((line) => {
    const match = /^([a-z])=([^\0\r]*)$/.exec(line);
    if (!match) throw new SdpError("a line that is no <type>=<value>");
    return { type: match[1] ?? "", value: match[2] ?? "" };
  });
}

function connection(lines: Lines): string | undefined {
  const value = lines.find((line) => line.type === "c")?.value;
  if (value === undefined) return undefined;
  const match = /^IN IP4 (\S+)$/.exec(value);
  const address = match?.[1] ?? "";
  if (!isIPv4(address)) throw new SdpError("a c= line without a plain IPv4 address");
  const head = Number(address.split(".")[0]);
  if (head >= 224) throw new SdpError("a multicast or reserved address");
  return address;
}

function direction(lines: Lines): Direction | undefined {
  const match = lines.find((line) => line.type === "a" && /^(sendrecv|sendonly|recvonly|inactive)$/.test(line.value));
  switch (match?.value) {
    case "sendrecv":
    case "sendonly":
    case "recvonly":
    case "inactive":
      return match.value;
  }
  return undefined;
}

function parseMedia(lines: Lines, sessionAddress: string | undefined, sessionDirection?: Direction): SdpMedia {
  const head = /^(\w+) (\d{1,5})(?:\/(\d+))? (\S+) (.+)$/.exec(lines[0]?.value ?? "");
  const port = Number(head?.[2]);
  if (!head || port > 65535 || (head[3] !== undefined && head[3] !== "1")) throw new SdpError("an m= line amiss");
  const formats = head[5] ?? "";
  const payloadTypes = formats.split(" ");
  if (payloadTypes.length > bounds.formats) throw new SdpError("too many formats");
  const address = connection(lines) ?? sessionAddress;
  if (address === undefined && port !== 0) throw new SdpError("no c= line");
  const attributes = lines.filter((line) => line.type === "a").map((line) => line.value);
  const cryptos = attributes.filter((value) => value.startsWith("crypto:"));
  if (cryptos.length > bounds.cryptos) throw new SdpError("too many keys");
  const rtcp = attributes.map((value) => /^rtcp:(\d{1,5})\b/.exec(value)?.[1]).find((value) => value !== undefined);
  const rtcpPort = rtcp === undefined ? port + 1 : Number(rtcp);
  if (rtcpPort > 65536) throw new SdpError("an RTCP port beyond 65535");
  const feedback = attributes.filter((value) => value.startsWith("rtcp-fb:"));
  return {
    kind: head[1] ?? "",
    port,
    protocol: head[4] ?? "",
    formats,
    maps: payloadTypes.flatMap((payloadType) => rtpMap(payloadType, attributes) ?? []),
    keys: cryptos.flatMap((value) => parseCrypto(value) ?? []),
    encrypted: cryptos.length > 0,
    address: address ?? "0.0.0.0",
    rtcpPort,
    rtcpMux: attributes.includes("rtcp-mux"),
    direction: direction(lines) ?? sessionDirection ?? "sendrecv",
    firOnly: feedback.some((f) => f.endsWith(" ccm fir")) && !feedback.some((f) => f.endsWith(" nack pli")),
  };
}

function rtpMap(format: string, attributes: readonly string[]): RtpMap | undefined {
  if (!/^\d{1,3}$/.test(format) || Number(format) > 127) return undefined;
  const prefix = `rtpmap:${format} `;
  const map = attributes.find((value) => value.startsWith(prefix))?.slice(prefix.length);
  const match = /^([\w.-]+)\/(\d{1,6})(?:\/(\d))?$/.exec(map ?? "");
  if (!match) return undefined;
  const fmtp = attributes.find((value) => value.startsWith(`fmtp:${format} `))?.slice(`fmtp:${format} `.length) ?? "";
  const parameters = new Map<string, string>();
  for (const part of fmtp.split(";")) {
    const at = part.indexOf("=");
    if (at > 0) parameters.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  const encoding = (match[1] ?? "").toLowerCase();
  return {
    payloadType: Number(format),
    encoding,
    clockRate: Number(match[2]),
    channels: Number(match[3] ?? 1),
    parameters,
  };
}

/**
 * `crypto:1 AES_CM_128_HMAC_SHA1_80 inline:<30 bytes in base64>[|lifetime]` (RFC 4568 §6.1). A line with an MKI or with
 * session parameters asks for what we don't do, and must be passed over as a whole (§6.3).
 */
function parseCrypto(value: string): SdesKey | undefined {
  const match = /^crypto:(\d{1,9}) (\S+) inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^)?\d+)?$/.exec(value);
  if (!match || match[2] !== srtpSuite) return undefined;
  const key = Buffer.from(match[3] ?? "", "base64");
  return key.length === srtpKeyLength ? { tag: Number(match[1]), key } : undefined;
}

/** One m= line of ours. */
export type LocalMedia = {
  kind: string;
  port: number;
  protocol: string;
  formats: string;
  /** Nothing else is written for a refused line (port 0). */
  lines: readonly string[];
};

/** Writes a description of ours. */
export function formatSdp(session: {
  id: string;
  version: number;
  address: string;
  media: readonly LocalMedia[];
}): string {
  return [
    "v=0",
    `o=- ${session.id} ${session.version} IN IP4 ${session.address}`,
    "s=-",
    `c=IN IP4 ${session.address}`,
    "t=0 0",
    ...session.media.flatMap((media) => [
      `m=${media.kind} ${media.port} ${media.protocol} ${media.formats}`,
      ...(media.port === 0 ? [] : media.lines.map((line) => `a=${line}`)),
    ]),
    "",
  ].join("\r\n");
}

/** The direction seen from the other end. */
export function reversed(direction: Direction): Direction {
  if (direction === "sendonly") return "recvonly";
  return direction === "recvonly" ? "sendonly" : direction;
}

export const maySend = (direction: Direction) => direction === "sendrecv" || direction === "sendonly";
export const mayReceive = (direction: Direction) => direction === "sendrecv" || direction === "recvonly";
