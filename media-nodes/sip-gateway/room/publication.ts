/** The tracks we publish: announced to LiveKit, negotiated on the publishing connection, and sent as one unbroken stream each. */
import { AddTrackRequest, type TrackPublishedResponse, TrackSource, TrackType } from "@livekit/protocol";
import { MediaStreamTrack, type RTCRtpSender } from "werift";
import { type Continuity, continuity } from "../media/continuity.ts";
import { type MediaKind, mediaType, type RtpPacket } from "../media/rtp.ts";
import type { Link } from "./link.ts";
import type { Peer } from "./peer.ts";

export type Publication = {
  /** Announces those that are not published yet; `negotiate` makes the offer. Rejects with the time, or at `end`. */
  publish(kinds: readonly MediaKind[], negotiate: () => void): Promise<void>;
  /** LiveKit has taken a track. */
  note(track: TrackPublishedResponse): void;
  /** Dropped until it is published. */
  send(kind: MediaKind, packet: RtpPacket): void;
  readonly tracks: readonly TrackPublishedResponse[];
  /** The session is over: whoever waits is told. */
  end(): void;
};

const clockRates = { audio: 48_000, video: 90_000, "video-2": 90_000 } as const;

/** @param timeout until media can flow, milliseconds */
export function publication(link: Link, publisher: Peer, timeout: number): Publication {
  const announced = new Map<string, TrackPublishedResponse>();
  const published = new Map<MediaKind, { sender: RTCRtpSender; place: Continuity }>();
  const changes = new Set<() => void>();
  let over = false;

  function changed(): void {
    for (const check of [...changes]) check();
  }
  publisher.connection.connectionStateChange.subscribe(changed);

  /** Resolves when media can flow; rejects with the time, or when the session ends. */
  function whenPublished(): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => {
        clearTimeout(timer);
        changes.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const check = () => {
        if (over) done(new Error("LiveKit: the session ended"));
        else if (announced.size >= published.size && publisher.connection.connectionState === "connected") done();
      };
      const timer = setTimeout(() => done(new Error(`LiveKit: publishing took longer than ${timeout} ms`)), timeout);
      changes.add(check);
      check();
    });
  }

  function announce(kind: MediaKind): void {
    const track = new MediaStreamTrack({ kind: mediaType(kind) });
    const { sender } = publisher.connection.addTransceiver(track, { direction: "sendonly" });
    // The offer names a track only together with a stream. Without, LiveKit takes either of two pictures for the other.
    sender.streamId = "station";
    published.set(kind, { sender, place: continuity(clockRates[kind], { sequence: 1, timestamp: 1 }) });
    const request = new AddTrackRequest({
      // The offer names the track by this id; LiveKit puts the two together.
      cid: sender.trackId,
      name: `station-${kind}`,
      type: kind === "audio" ? TrackType.AUDIO : TrackType.VIDEO,
      source: kind === "audio" ? TrackSource.MICROPHONE : TrackSource.CAMERA,
      disableDtx: true,
      disableRed: true,
      ...(kind !== "audio" ? { width: 1280, height: 720 } : {}),
    });
    link.send({ case: "addTrack", value: request });
  }

  return {
    async publish(kinds, negotiate) {
      if (over) throw new Error("LiveKit: the session is over");
      const added = kinds.filter((kind) => !published.has(kind));
      if (added.length === 0) return;
      for (const kind of added) announce(kind);
      negotiate();
      await whenPublished();
    },
    note(track) {
      announced.set(track.cid, track);
      changed();
    },
    send(kind, packet) {
      const target = published.get(kind);
      const place = over ? undefined : target?.place.next(packet, performance.now());
      if (!target || !place) return;
      const { ssrc, codec } = target.sender;
      if (!codec) return;
      const payloadType = codec.payloadType;
      publisher.path?.send(
        { ...place, ssrc, payloadType, marker: packet.marker, payload: packet.payload },
        clockRates[kind],
      );
    },
    get tracks() {
      return [...announced.values()];
    },
    end() {
      over = true;
      changed();
    },
  };
}
