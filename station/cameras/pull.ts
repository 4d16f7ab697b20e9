/**
 * Pulls the H.264 of one camera by RTSP (RFC 7826; its packets inside the connection), in a process that knows this camera
 * and nothing else, since what parses a stranger's bytes is the part that they would break. Standard input names the camera;
 * standard output gets its access units as Annex B, each after its length (32 bits). Ends when the camera does.
 */
import { json } from "node:stream/consumers";
import { Demuxer } from "node-av/api";
import { AV_CODEC_ID_H264, AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { z } from "zod";
import { camera, cameraCredentials } from "#core/device/configuration.ts";

/** Until the camera says something, microseconds. */
const patience = "4000000";
/** An access unit beyond this is no camera's. Bytes. */
const largestUnit = 4_000_000;

export const pulled = z.object({ address: camera.shape.address, credentials: cameraCredentials.optional() });

const { address, credentials } = pulled.parse(await json(process.stdin));
const url = new URL(address);
if (credentials) {
  // FFmpeg decodes them again.
  url.username = encodeURIComponent(credentials.user);
  url.password = encodeURIComponent(credentials.password);
}

Log.setLevel(AV_LOG_QUIET);
const demuxer = await Demuxer.open(url.href, {
  format: "rtsp",
  skipStreamInfo: true,
  options: { rtsp_transport: "tcp", timeout: patience, allowed_media_types: "video" },
});
const video = demuxer.streams.find(({ codecpar }) => codecpar.codecId === AV_CODEC_ID_H264);
if (!video) throw new Error("the camera offers no H.264");

function write(...parts: Buffer[]): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  process.stdout.write(Buffer.concat([length, ...parts]));
}

// Of a camera that tells its parameter sets in the description alone.
const sets = video.codecpar.extradata;
if (sets) write(sets);
for await (const packet of demuxer.packets(video.index)) {
  if (packet?.data && packet.data.length <= largestUnit) write(packet.data);
  packet?.free();
}
process.exit();
