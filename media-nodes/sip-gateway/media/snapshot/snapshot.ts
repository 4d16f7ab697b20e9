/**
 * The caller's picture, from the station's own H.264. Packets are gathered here until a key frame is whole; a child
 * process without secrets decodes it, since a decoder is the part that hostile bytes would break.
 */
import type { RtpPacket } from "../rtp.ts";

export type SnapshotOptions = {
  /** Called when a key frame is needed; the leg throttles. */
  requestKeyframe(): void;
  /** From the first packet to the picture, in milliseconds. @default 5000 */
  timeout?: number;
};

export type Snapshot = {
  /** Takes the station's video packets as the leg gives them. After the key frame they are ignored. */
  push(packet: RtpPacket): void;
  /** The JPEG, at most 640 pixels wide and 200 kB. Rejects after the time, on a picture that can't be decoded, or `cancel`. */
  readonly picture: Promise<Buffer>;
  cancel(): void;
};

/** Starts taking a snapshot. */
export function takeSnapshot(options: SnapshotOptions): Snapshot {
  throw new Error(`not built yet ${options.timeout}`);
}
