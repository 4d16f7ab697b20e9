/**
 * Offer and answer (RFC 3264) for a door call: which of the offered lines we take, with which codec and key. Pure.
 * Opus for sound, H.264 for the picture, SRTP with SDES or nothing.
 */
import { chooseH264 } from "#core/codec/h264.ts";
import { type MediaKind, mediaType } from "./rtp.ts";
import {
  type Direction,
  type LocalMedia,
  type RtpMap,
  reversed,
  type SdesKey,
  type Sdp,
  type SdpMedia,
  srtpSuite,
} from "./sdp.ts";

/** What both sides will do on one m= line. */
export type Agreed = {
  kind: MediaKind;
  /** Place among the m= lines. */
  index: number;
  protocol: string;
  codec: RtpMap;
  /** Payload types of RFC 4733 events, if any. */
  dtmf: readonly RtpMap[];
  /** Key of the far end; the tag goes back in the answer. */
  key: SdesKey;
  address: string;
  port: number;
  rtcpPort: number;
  rtcpMux: boolean;
  /** As seen from here. */
  direction: Direction;
  firOnly: boolean;
  /** H.264 only. */
  packetizationMode: number;
  parameterSets: readonly Buffer[];
};

export type Agreement = { ok: true; media: readonly Agreed[] } | { ok: false; reason: string };

const secureProtocols = ["RTP/SAVP", "RTP/SAVPF"];

/**
 * Decides on the far end's description, be it an offer or an answer. Sound is needed, the picture is not; a second picture is
 * taken where `kinds` has it.
 */
export function agree(sdp: Sdp, kinds: readonly MediaKind[]): Agreement {
  const media: Agreed[] = [];
  let reason = "no audio offered";
  sdp.media.forEach((line, index) => {
    const kind = kinds.find((one) => mediaType(one) === line.kind && !media.some((other) => other.kind === one));
    if (kind === undefined || line.port === 0) return;
    const refusal = whyNot(line);
    if (refusal !== undefined) {
      if (kind === "audio") reason = refusal;
      return;
    }
    const codec = kind === "audio" ? opusOf(line) : h264Of(line);
    const key = line.keys[0];
    if (!codec || !key) {
      if (kind === "audio") reason = "Opus at 48 kHz is needed";
      return;
    }
    media.push({
      kind,
      index,
      protocol: line.protocol,
      codec,
      dtmf: line.maps.filter((map) => map.encoding === "telephone-event"),
      key,
      address: line.address,
      port: line.port,
      rtcpPort: line.rtcpMux ? line.port : line.rtcpPort,
      rtcpMux: line.rtcpMux,
      direction: reversed(line.direction),
      firOnly: line.firOnly,
      packetizationMode: Number(codec.parameters.get("packetization-mode") ?? "0"),
      parameterSets: parameterSets(codec),
    });
  });
  return media.some((one) => one.kind === "audio") ? { ok: true, media } : { ok: false, reason };
}

function whyNot(line: SdpMedia): string | undefined {
  if (!secureProtocols.includes(line.protocol)) return "RTP/SAVP is needed: media goes encrypted or not at all";
  if (line.keys.length === 0)
    return line.encrypted ? `no key under ${srtpSuite} without MKI and session parameters` : "no a=crypto line";
  return undefined;
}

function opusOf(line: SdpMedia): RtpMap | undefined {
  return line.maps.find((map) => map.encoding === "opus" && map.clockRate === 48_000 && map.channels === 2);
}

function h264Of(line: SdpMedia): RtpMap | undefined {
  const variants = line.maps
    .filter((map) => map.encoding === "h264" && map.clockRate === 90_000)
    .map((map) => ({
      map,
      payloadType: map.payloadType,
      packetizationMode: Number(map.parameters.get("packetization-mode") ?? "0"),
      // Absent means Baseline level 1 (RFC 6184 §8.1).
      profileLevelId: map.parameters.get("profile-level-id") ?? "42000a",
    }));
  return chooseH264(variants)?.map;
}

/** SPS and PPS out of the SDP (RFC 6184 §8.1), at most eight of 1,000 bytes. */
function parameterSets(codec: RtpMap): Buffer[] {
  const sprop = codec.parameters.get("sprop-parameter-sets");
  if (sprop === undefined) return [];
  return sprop
    .split(",")
    .slice(0, 8)
    .map((set) => Buffer.from(set, "base64"))
    .filter((set) => set.length > 1 && set.length <= 1000 && [7, 8].includes((set[0] ?? 0) & 0x1f));
}

/** Our side of one line, while it is offered or answered. */
export type LocalSide = { port: number; key: Buffer; direction: Direction };

/** Our line in the answer to `agreed`. */
export function answerLine(agreed: Agreed, local: LocalSide): LocalMedia {
  const type = agreed.codec.payloadType;
  const lines = [codecLine(agreed.codec)];
  const formats = [type];
  if (agreed.kind === "audio") {
    lines.push(`fmtp:${type} minptime=10;useinbandfec=1`);
    for (const event of agreed.dtmf) {
      formats.push(event.payloadType);
      lines.push(`rtpmap:${event.payloadType} telephone-event/${event.clockRate}`, `fmtp:${event.payloadType} 0-15`);
    }
  } else {
    const profile = agreed.codec.parameters.get("profile-level-id") ?? "42000a";
    lines.push(`fmtp:${type} profile-level-id=${profile};packetization-mode=${agreed.packetizationMode}`);
    lines.push(`rtcp-fb:${type} nack pli`, `rtcp-fb:${type} ccm fir`);
  }
  return localLine(mediaType(agreed.kind), agreed.protocol, formats, lines, agreed.key.tag, local, agreed.rtcpMux);
}

/** A line refused, given back with port 0 (RFC 3264 §6). */
export function refusedLine(line: SdpMedia): LocalMedia {
  return { kind: line.kind, port: 0, protocol: line.protocol, formats: line.formats, lines: [] };
}

/** Our line in an offer of ours. */
export function offerLine(kind: MediaKind, local: LocalSide): LocalMedia {
  if (kind === "audio") {
    const lines = [
      "rtpmap:96 opus/48000/2",
      "fmtp:96 minptime=10;useinbandfec=1",
      "rtpmap:101 telephone-event/48000",
      "fmtp:101 0-15",
      "rtpmap:102 telephone-event/8000",
      "fmtp:102 0-15",
    ];
    return localLine(kind, "RTP/SAVP", [96, 101, 102], lines, 1, local, false);
  }
  const lines = [
    "rtpmap:97 H264/90000",
    "fmtp:97 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1",
    "rtpmap:98 H264/90000",
    "fmtp:98 profile-level-id=42e01f;packetization-mode=0;level-asymmetry-allowed=1",
    "rtcp-fb:* nack pli",
    "rtcp-fb:* ccm fir",
  ];
  if (kind === "video-2") lines.push("content:alt"); // RFC 4796
  return localLine(mediaType(kind), "RTP/SAVP", [97, 98], lines, 1, local, false);
}

function codecLine(codec: RtpMap): string {
  const name = codec.encoding === "h264" ? "H264" : codec.encoding;
  return `rtpmap:${codec.payloadType} ${name}/${codec.clockRate}${codec.channels > 1 ? `/${codec.channels}` : ""}`;
}

function localLine(
  kind: ReturnType<typeof mediaType>,
  protocol: string,
  formats: readonly number[],
  lines: readonly string[],
  tag: number,
  local: LocalSide,
  mux: boolean,
): LocalMedia {
  return {
    kind,
    port: local.port,
    protocol,
    formats: formats.join(" "),
    lines: [
      ...lines,
      `crypto:${tag} ${srtpSuite} inline:${local.key.toString("base64")}`,
      ...(mux ? ["rtcp-mux"] : [`rtcp:${local.port + 1}`]),
      local.direction,
    ],
  };
}
