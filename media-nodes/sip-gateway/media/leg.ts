/**
 * The station's media leg: what an SDP offer and answer agreed to, on real sockets.
 *
 * It speaks SRTP with SDES keys only, sends to the address of the SDP until a packet has been verified, and then to
 * where verified packets come from. The same leg serves both ends: the gateway and the reference station.
 *
 * ```ts
 * const outcome = await answerLeg(invite.body, { address: "127.0.0.1", ports, events: { onRtp } });
 * if (!outcome.ok) return reply(outcome.status, outcome.reason);
 * reply(183, outcome.leg.localSdp);
 * ```
 */
import { randomBytes, randomInt } from "node:crypto";
import { beepFrames } from "./beep.ts";
import { type Agreed, agree, answerLine, offerLine, refusedLine } from "./negotiate.ts";
import type { PortPool } from "./ports.ts";
import { type MediaKind, mediaKinds, mediaType, type RtpPacket } from "./rtp.ts";
import { type Direction, formatSdp, type LocalMedia, parseSdp, type Sdp } from "./sdp.ts";
import { type MediaStream, openStream, type StreamEvents } from "./stream.ts";

export type LegEvents = {
  /** A verified packet. H.264 comes with the parameter sets of the SDP put before each key frame that lacks them. */
  onRtp?(kind: MediaKind, packet: RtpPacket): void;
  /** The far end asks for a key frame of the video sent to it (PLI or FIR; repeats within 150 ms are one). */
  onKeyframeRequest?(kind: MediaKind): void;
  /** A key was pressed (RFC 4733), once per press. `0`-`9`, `*`, `#`, `A`-`D`. */
  onDtmf?(digit: string): void;
};

export type LegOptions = {
  /** The IPv4 address that is bound and written into the SDP. */
  address: string;
  /** Where to bind, if not at `address` (behind one-to-one NAT). */
  bindAddress?: string;
  ports: PortPool;
  /** Whether a second picture of the far end's, or for it, is taken. @default false */
  secondVideo?: boolean;
  events: LegEvents;
};

export type LegStats = {
  received: number;
  sent: number;
  /** Refused as replayed, too old, wrongly authenticated or malformed. */
  refused: number;
  lost: number;
};

/** 488: the description can't be agreed to. 503: no port is free. */
export type Refusal = { ok: false; status: 488 | 503; reason: string };

export type MediaLeg = {
  /** The current local description: the offer, or the answer. The 183 and the 200 carry the same text. */
  readonly localSdp: string;
  /** What both sides agreed to. Video is absent if it was not offered, refused, or taken away. */
  readonly kinds: ReadonlySet<MediaKind>;
  /** The answer to our offer (183 or 200). The same answer a second time changes nothing. */
  setAnswer(sdp: string): { ok: true } | Refusal;
  /** An offer within the dialog (re-INVITE, UPDATE). A refusal leaves the session as it was. */
  renegotiate(sdp: string): Promise<{ ok: true; sdp: string } | Refusal>;
  /** Sends a packet; SSRC, sequence, timestamp and payload type become the leg's own, continuous over a change of source. */
  send(kind: MediaKind, packet: RtpPacket): void;
  /** Asks the far end for a key frame of each picture (SRTCP PLI). At most one leaves in 300 ms; one asked for meanwhile follows. */
  requestKeyframe(): void;
  /** The far end hears a short double beep: the talk ends soon. */
  warn(): void;
  /** H.264 parameter sets of the far end as its SDP gave them. */
  readonly parameterSets: readonly Buffer[];
  stats(): Record<MediaKind, LegStats>;
  /** Frees sockets and ports. May be called twice. */
  close(): void;
};

/** Binds ports and answers an offer. Refused when it has no SRTP audio we can take; video is then only left out. */
export async function answerLeg(
  offer: string,
  options: LegOptions,
): Promise<{ ok: true; leg: MediaLeg; sdp: string } | Refusal> {
  const leg = newLeg(options);
  const outcome = await leg.renegotiate(offer);
  if (outcome.ok) return { ok: true, leg, sdp: outcome.sdp };
  leg.close();
  return outcome;
}

/** What is offered beside the sound. A second picture goes one way. */
export type Wanted = { video: boolean; secondVideo?: "sendonly" | "recvonly" | undefined };

/**
 * Binds ports and makes an offer, in `localSdp`.
 * @throws when no ports are free
 */
export async function offerLeg(want: Wanted, options: LegOptions): Promise<MediaLeg> {
  const leg = newLeg({ ...options, secondVideo: want.secondVideo !== undefined });
  await leg.offer(want);
  return leg;
}

/** The payload types our own offer gave each kind, which the far end sends with. */
const offeredTypes: Record<MediaKind, readonly number[]> = { audio: [96], video: [97, 98], "video-2": [97, 98] };

const notUs = (reason: string): Refusal => ({ ok: false, status: 488, reason });

function newLeg(options: LegOptions): MediaLeg & { offer(want: Wanted): Promise<void> } {
  const { events } = options;
  const streams = new Map<MediaKind, MediaStream>();
  const kinds = mediaKinds.filter((kind) => kind !== "video-2" || options.secondVideo);
  const id = String(randomInt(2 ** 40));
  const cname = randomBytes(9).toString("base64url");
  let version = 0;
  let localSdp = "";
  /** What our own offer had, line by line. */
  let offered: readonly MediaKind[] = [];
  let closed = false;
  let beeping: NodeJS.Timeout | undefined;

  const eventsOf = (kind: MediaKind): StreamEvents => ({
    onRtp: (packet) => events.onRtp?.(kind, packet),
    onKeyframeRequest: () => events.onKeyframeRequest?.(kind),
    onDtmf: (digit) => events.onDtmf?.(digit),
  });
  const open = (kind: MediaKind) =>
    openStream(kind, {
      pool: options.ports,
      bindAddress: options.bindAddress ?? options.address,
      cname,
      events: eventsOf(kind),
    });

  function describe(media: readonly LocalMedia[]): string {
    const format = () => formatSdp({ id, version, address: options.address, media });
    if (format() === localSdp) return localSdp;
    version++;
    localSdp = format();
    return localSdp;
  }

  function read(text: string): { ok: true; sdp: Sdp; media: readonly Agreed[] } | Refusal {
    const parsed = parseSdp(text);
    if (!parsed.ok) return notUs(parsed.reason);
    const agreement = agree(parsed.sdp, kinds);
    return agreement.ok ? { ok: true, sdp: parsed.sdp, media: agreement.media } : notUs(agreement.reason);
  }

  function drop(kind: MediaKind): void {
    streams.get(kind)?.close();
    streams.delete(kind);
  }

  const leg = {
    get localSdp() {
      return localSdp;
    },
    get kinds(): ReadonlySet<MediaKind> {
      return new Set([...streams.values()].filter((stream) => stream.agreed).map((stream) => stream.kind));
    },
    get parameterSets() {
      return streams.get("video")?.agreed?.parameterSets ?? [];
    },
    async offer({ video, secondVideo }: Wanted) {
      const wanted = kinds.filter((kind) => kind === "audio" || video);
      try {
        for (const kind of wanted) streams.set(kind, await open(kind));
      } catch (error) {
        leg.close();
        throw error;
      }
      offered = wanted;
      const direction = (kind: MediaKind): Direction => (kind === "video-2" ? (secondVideo ?? "inactive") : "sendrecv");
      describe(
        [...streams.values()].map((stream) => offerLine(stream.kind, { ...stream, direction: direction(stream.kind) })),
      );
    },
    setAnswer(text: string): { ok: true } | Refusal {
      const answer = read(text);
      if (!answer.ok) return answer;
      // RFC 3264 §6: line by line, also where one between them is refused.
      for (const [index, kind] of offered.entries()) {
        const agreed = answer.media.find((one) => one.index === index && mediaType(one.kind) === mediaType(kind));
        if (agreed) streams.get(kind)?.apply(agreed, offeredTypes[kind]);
        else drop(kind);
      }
      return { ok: true };
    },
    async renegotiate(text: string): Promise<{ ok: true; sdp: string } | Refusal> {
      const offer = read(text);
      if (!offer.ok) return offer;
      const added: MediaStream[] = [];
      try {
        for (const { kind } of offer.media) if (!streams.has(kind)) added.push(await open(kind));
      } catch {
        for (const stream of added) stream.close();
        return { ok: false, status: 503, reason: "no free media ports" };
      }
      if (closed) {
        for (const stream of added) stream.close();
        return notUs("the call is over");
      }
      for (const stream of added) streams.set(stream.kind, stream);
      for (const kind of [...streams.keys()]) {
        const agreed = offer.media.find((one) => one.kind === kind);
        if (agreed) streams.get(kind)?.apply(agreed, offered.includes(kind) ? offeredTypes[kind] : []);
        else drop(kind);
      }
      const lines = offer.sdp.media.map((line, index) => {
        const agreed = offer.media.find((one) => one.index === index);
        const stream = agreed && streams.get(agreed.kind);
        return agreed && stream ? answerLine(agreed, { ...stream, direction: agreed.direction }) : refusedLine(line);
      });
      return { ok: true, sdp: describe(lines) };
    },
    send(kind: MediaKind, packet: RtpPacket) {
      if (kind === "audio" && beeping) return;
      streams.get(kind)?.send(packet);
    },
    requestKeyframe() {
      for (const stream of streams.values()) if (stream.kind !== "audio") stream.requestKeyframe();
    },
    warn() {
      if (beeping || closed) return;
      const frames = beepFrames();
      const ssrc = randomBytes(4).readUInt32BE(0);
      let next = 0;
      beeping = setInterval(() => {
        const payload = frames[next];
        if (payload === undefined) {
          clearInterval(beeping);
          beeping = undefined;
          return;
        }
        const packet = { payloadType: 96, marker: next === 0, sequence: next, timestamp: next * 960, ssrc, payload };
        streams.get("audio")?.send(packet);
        next++;
      }, 20);
    },
    stats() {
      const none = { received: 0, sent: 0, refused: 0, lost: 0 };
      const of = (kind: MediaKind) => streams.get(kind)?.stats() ?? none;
      return { audio: of("audio"), video: of("video"), "video-2": of("video-2") };
    },
    close() {
      closed = true;
      clearInterval(beeping);
      for (const kind of [...streams.keys()]) drop(kind);
    },
  };
  return leg;
}
