/**
 * The media of one call: the station's leg on one side, its participant in the call's room on the other. What the
 * station sends goes into the room from the start (early media; who may subscribe is the caller's affair). What comes
 * from the room reaches the station only once the bridge is open.
 */
import type { Logger } from "pino";
import { answerLeg, type LegStats, type MediaLeg, offerLeg, type Refusal } from "./media/leg.ts";
import type { PortPool } from "./media/ports.ts";
import type { MediaKind } from "./media/rtp.ts";
import { takeSnapshot } from "./media/snapshot/snapshot.ts";
import { type JoinOptions, joinRoom, type RoomParticipant } from "./room/participant.ts";
import type { Rooms } from "./room/rooms.ts";

export type BridgeParts = {
  rooms: Rooms;
  /** @default joinRoom */
  join?: (options: JoinOptions) => Promise<RoomParticipant>;
  liveKitUrl: string;
  address: string;
  bindAddress: string;
  srtpPorts: PortPool;
  roomPorts: { first: number; last: number };
};

export type BridgeOptions = {
  callId: string;
  legId: string;
  log: Logger;
  /** The first packet of the station, and the first that goes to it. */
  onFirstMedia?(from: "station" | "room"): void;
  /** The room is lost and will not come back. */
  onLost(reason: string): void;
};

export type Bridge = {
  /** Answers the station's offer. */
  answer(offer: string): Promise<{ ok: true; sdp: string } | Refusal>;
  /** Makes our offer to the station, with a line for its second picture where it may have one. Rejects when no ports are free. */
  offer(secondVideo: boolean): Promise<string>;
  /** The station's answer to it. */
  answered(sdp: string): { ok: true } | Refusal;
  /** Whether the station sends and takes video. */
  hasVideo(): boolean;
  /** What is sent again where the session is not to change. */
  readonly localSdp: string;
  /** An offer in the dialog: hold, another address, media that come or go. */
  renegotiate(sdp: string): Promise<{ ok: true; sdp: string } | Refusal>;
  /** Makes the room, joins it and publishes. Rejects where any of it fails. Needs no leg yet for the first two. */
  enterRoom(legReady: Promise<unknown>): Promise<void>;
  /** Who alone may hear and see the station. */
  allow(listeners: readonly string[]): void;
  /** Lets this participant's sound and picture through to the station. */
  open(talker: string): void;
  /** The caller's picture, JPEG. Rejects where the station has no video. */
  snapshot(): Promise<Buffer>;
  warn(): void;
  stats(): Record<MediaKind, LegStats> | undefined;
  /** Ends leg, participant and room. May be called twice. */
  close(): void;
};

/** A bridge with nothing bound and nobody in a room. */
export function newBridge(parts: BridgeParts, options: BridgeOptions): Bridge {
  const { callId, legId, log } = options;
  const { rooms, join = joinRoom } = parts;
  let leg: MediaLeg | undefined;
  let participant: RoomParticipant | undefined;
  let allowed: readonly string[] = [];
  let talker: string | undefined;
  let closed = false;
  let isPublished = false;
  let roomMade: Promise<void> | undefined;
  let picture: ReturnType<typeof takeSnapshot> | undefined;
  const begun = new Set<"station" | "room">();

  function began(from: "station" | "room"): void {
    if (begun.has(from)) return;
    begun.add(from);
    options.onFirstMedia?.(from);
  }

  const legOptions = {
    address: parts.address,
    bindAddress: parts.bindAddress,
    ports: parts.srtpPorts,
    secondVideo: true,
    events: {
      onRtp(kind: MediaKind, packet: Parameters<RoomParticipant["send"]>[1]) {
        began("station");
        participant?.send(kind, packet);
        if (kind === "video") picture?.push(packet);
      },
      onKeyframeRequest: () => participant?.requestKeyframe(),
      onDtmf: (digit: string) => log.info({ event: "dtmf", digits: digit.length }, "key pressed at the station"),
    },
  };

  const pictures = () => ({
    video: leg?.kinds.has("video") ?? false,
    secondVideo: leg?.kinds.has("video-2") ?? false,
  });
  const noPublishing = (error: unknown) => {
    if (!closed) log.warn({ err: error }, "the station's new media did not reach the room");
  };
  /** What was agreed to after the first publishing; where that is still to come, it takes all of it. */
  const publishMore = () => {
    if (isPublished) participant?.publish(pictures()).catch(noPublishing);
  };

  function take(fresh: MediaLeg): void {
    if (closed) fresh.close();
    else leg = fresh;
  }

  return {
    async answer(offer) {
      const outcome = await answerLeg(offer, legOptions);
      if (!outcome.ok) return outcome;
      take(outcome.leg);
      return { ok: true, sdp: outcome.sdp };
    },
    async offer(secondVideo) {
      const fresh = await offerLeg({ video: true, ...(secondVideo ? { secondVideo: "recvonly" } : {}) }, legOptions);
      take(fresh);
      return fresh.localSdp;
    },
    answered(sdp) {
      const outcome = leg?.setAnswer(sdp) ?? { ok: false, status: 488, reason: "the call is over" };
      if (outcome.ok) publishMore();
      return outcome;
    },
    hasVideo: () => leg?.kinds.has("video") ?? false,
    get localSdp() {
      return leg?.localSdp ?? "";
    },
    async renegotiate(sdp) {
      const outcome = (await leg?.renegotiate(sdp)) ?? { ok: false, status: 488, reason: "the call is over" };
      if (outcome.ok && !closed) {
        // Video may have come with it; and what the station sees again, it must see from a key frame on.
        publishMore();
        participant?.requestKeyframe();
      }
      return outcome;
    },
    async enterRoom(legReady) {
      roomMade = rooms.create(callId);
      const [token] = await Promise.all([rooms.stationToken(callId, legId), roomMade]);
      if (closed) return;
      const joined = await join({
        url: parts.liveKitUrl,
        token,
        ports: parts.roomPorts,
        address: parts.address,
        events: {
          onRtp(kind, packet) {
            if (talker === undefined) return;
            leg?.send(kind, packet);
            began("room");
          },
          onKeyframeRequest: () => leg?.requestKeyframe(),
          onLost: (reason) => {
            if (!closed) options.onLost(reason);
          },
        },
      });
      if (closed) return joined.close();
      participant = joined;
      joined.allow(allowed);
      if (talker !== undefined) joined.listenTo(talker);
      await legReady;
      if (closed) return;
      await joined.publish(pictures());
      isPublished = true;
      publishMore(); // the station may have answered meanwhile
    },
    allow(listeners) {
      allowed = listeners;
      participant?.allow(listeners);
    },
    open(identity) {
      talker = identity;
      participant?.listenTo(identity);
      participant?.requestKeyframe();
    },
    snapshot() {
      if (!leg?.kinds.has("video")) return Promise.reject(new Error("the station sends no video"));
      picture ??= takeSnapshot({ requestKeyframe: () => leg?.requestKeyframe() });
      return picture.picture;
    },
    warn: () => leg?.warn(),
    stats: () => leg?.stats(),
    close() {
      if (closed) return;
      closed = true;
      // A picture that is being decoded may still come: it has a time limit of its own.
      leg?.close();
      participant?.close();
      // A room that is just being made must be there before it can be ended.
      roomMade
        ?.catch(() => undefined)
        .then(() => rooms.end(callId))
        .catch((error: unknown) => log.warn({ err: error }, "the room could not be ended, it empties by itself"));
    },
  };
}
