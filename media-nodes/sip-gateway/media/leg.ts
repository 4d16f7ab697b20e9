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
import type { PortPool } from "./ports.ts";
import type { MediaKind, RtpPacket } from "./rtp.ts";

export type LegEvents = {
  /** A verified packet. H.264 comes with the parameter sets of the SDP put before each key frame that lacks them. */
  onRtp?(kind: MediaKind, packet: RtpPacket): void;
  /** The far end asks for a key frame of the video sent to it (PLI or FIR, throttled to one in 300 ms). */
  onKeyframeRequest?(): void;
  /** A key was pressed (RFC 4733), once per press. `0`-`9`, `*`, `#`, `A`-`D`. */
  onDtmf?(digit: string): void;
};

export type LegOptions = {
  /** The IPv4 address that is bound and written into the SDP. */
  address: string;
  /** Where to bind, if not at `address` (behind one-to-one NAT). */
  bindAddress?: string;
  ports: PortPool;
  events: LegEvents;
};

export type LegStats = {
  received: number;
  sent: number;
  /** Refused as replayed, too old, wrongly authenticated or malformed. */
  refused: number;
  lost: number;
};

export type Refusal = { ok: false; status: 488; reason: string };

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
  sendDtmf(digit: string): void;
  /** Asks the far end for a key frame (SRTCP PLI). At most one leaves in 300 ms; one asked for meanwhile follows. */
  requestKeyframe(): void;
  /** The far end hears a short double beep: the talk ends soon. */
  warn(): void;
  /** H.264 parameter sets of the far end as its SDP gave them. */
  readonly parameterSets: readonly Buffer[];
  stats(): Record<MediaKind, LegStats>;
  /** Frees sockets and ports. May be called twice. */
  close(): void;
};

/** Binds ports and answers an offer. Refused (488) when it has no usable SRTP audio, 4xx-worthy text included. */
export async function answerLeg(
  offer: string,
  options: LegOptions,
): Promise<{ ok: true; leg: MediaLeg; sdp: string } | Refusal> {
  throw new Error(`not built yet ${offer.length} ${options.address}`);
}

/** Binds ports and makes an offer, in `localSdp`. */
export async function offerLeg(want: { video: boolean }, options: LegOptions): Promise<MediaLeg> {
  throw new Error(`not built yet ${want.video} ${options.address}`);
}
