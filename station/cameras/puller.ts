/**
 * Pulls the H.264 of one camera by RTSP (RFC 7826; its packets inside the connection), in a process that knows this camera
 * and nothing else, since what parses a stranger's bytes is the part that they would break. Standard output gets its access units as
 * Annex B, each after its length (32 bits). Over TLS the camera has to have the key that it is known by; where none is known yet, the
 * one it showed goes to file descriptor 3 once it has told its picture. Ends when the camera does.
 */
import { writeSync } from "node:fs";
import { Demuxer } from "node-av/api";
import { AV_CODEC_ID_H264, AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { z } from "zod";
import { camera, cameraCredentials } from "#core/device/configuration.ts";
import { keyPin } from "./key-pins.ts";
import { NotPublic, openTunnel, patience } from "./tunnel.ts";

const keyDescriptor = 3;
/** An access unit beyond this is no camera's. Bytes. */
const largestUnit = 4_000_000;
/** How the process ends that did not ask the camera, since its address is not public. */
export const exitNotPublic = 3;

const pulled = z.object({
  address: camera.shape.address,
  credentials: cameraCredentials.optional(),
  /** By which key it is known. */
  key: keyPin.optional(),
  /** Only at public addresses. */
  onlyPublic: z.boolean(),
});
export type Pulled = z.infer<typeof pulled>;

/** @param asked a {@link Pulled} @param isPublic says which addresses are */
export async function pull(asked: unknown, isPublic: (address: string) => boolean): Promise<never> {
  const { address, credentials, key: known, onlyPublic } = pulled.parse(asked);
  const camera = new URL(address);
  const way =
    onlyPublic || camera.protocol === "rtsps:"
      ? await openTunnel(camera, known, onlyPublic ? isPublic : undefined).catch((error: unknown) => {
          if (error instanceof NotPublic) process.exit(exitNotPublic);
          throw error;
        })
      : { url: camera, key: undefined };
  const { url, key } = way;
  if (credentials) {
    // FFmpeg decodes them again.
    url.username = encodeURIComponent(credentials.user);
    url.password = encodeURIComponent(credentials.password);
  }

  Log.setLevel(AV_LOG_QUIET);
  const demuxer = await Demuxer.open(url.href, {
    format: "rtsp",
    skipStreamInfo: true,
    options: { rtsp_transport: "tcp", timeout: String(patience * 1_000), allowed_media_types: "video" },
  });
  const video = demuxer.streams.find(({ codecpar }) => codecpar.codecId === AV_CODEC_ID_H264);
  if (!video) throw new Error("the camera offers no H.264");

  if (key !== undefined && known === undefined) writeSync(keyDescriptor, key);

  // Of a camera that tells its parameter sets in the description alone.
  const sets = video.codecpar.extradata;
  if (sets) write(sets);
  for await (const packet of demuxer.packets(video.index)) {
    if (packet?.data && packet.data.length <= largestUnit) write(packet.data);
    packet?.free();
  }
  process.exit();
}

function write(...parts: Buffer[]): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  process.stdout.write(Buffer.concat([length, ...parts]));
}
