/**
 * A LiveKit participant run from Node: it joins over LiveKit's signalling, publishes RTP untouched and listens to one
 * other participant. When the signalling socket drops, the media goes on and the session is resumed.
 */
import type { MediaKind, RtpPacket } from "../media/rtp.ts";

export type ParticipantEvents = {
  /** A packet of the participant listened to. */
  onRtp?(kind: MediaKind, packet: RtpPacket): void;
  /** A subscriber needs a key frame of our video (PLI or FIR). */
  onKeyframeRequest?(): void;
  /** The participant listened to has started, or stopped, to publish this kind. */
  onPublished?(kind: MediaKind, published: boolean): void;
  /** The session is over and will not come back: removed, room deleted, or not resumed in time. Not after `close`. */
  onLost?(reason: string): void;
};

export type JoinOptions = {
  /** LiveKit's signalling, ws(s)://… */
  url: string;
  token: string;
  /** UDP ports for ICE, both included. */
  ports: { first: number; last: number };
  /** The IPv4 address of our host candidate. */
  address: string;
  events: ParticipantEvents;
  /** How long joining, and later publishing, may take, in milliseconds. @default 5000 */
  timeout?: number;
};

export type RoomParticipant = {
  /** Publishes tracks `station-audio` and, if asked for, `station-video` (H.264). Returns when media can flow. */
  publish(tracks: { video: boolean }): Promise<void>;
  /** Sends a packet on our track. Dropped until it is published. */
  send(kind: MediaKind, packet: RtpPacket): void;
  /** The only identities that may subscribe to our tracks. */
  allow(listeners: readonly string[]): void;
  /** Whom to hear and see; nobody to begin with. Also before they have joined. Changes in the call (transfer). */
  listenTo(identity: string | undefined): void;
  /** Asks the participant listened to for a key frame. */
  requestKeyframe(): void;
  /** Leaves. May be called twice. */
  close(): void;
};

/** Joins. Rejects when the room does not exist, the token is refused, or the time is over. */
export async function joinRoom(options: JoinOptions): Promise<RoomParticipant> {
  throw new Error(`not built yet ${options.url}`);
}
