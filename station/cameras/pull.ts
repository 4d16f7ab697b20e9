/**
 * Pulls the H.264 of one camera by RTSP (RFC 7826; its packets inside the connection), in a process that knows this camera
 * and nothing else, since what parses a stranger's bytes is the part that they would break. Standard input names the camera;
 * standard output gets its access units as Annex B, each after its length (32 bits). Over TLS the camera has to have the key that it
 * is known by; where none is known yet, the one it showed goes to file descriptor 3 once it has told its picture. Ends when the
 * camera does.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { createServer, isIP } from "node:net";
import { json } from "node:stream/consumers";
import { connect } from "node:tls";
import { Demuxer } from "node-av/api";
import { AV_CODEC_ID_H264, AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { z } from "zod";
import { camera, cameraCredentials } from "#core/device/configuration.ts";
import { keyPin } from "./key-pins.ts";

/** Until the camera says something. Milliseconds. */
const patience = 4_000;
/** RFC 7826 §20.1. */
const tlsPort = 322;
const keyDescriptor = 3;
/** An access unit beyond this is no camera's. Bytes. */
const largestUnit = 4_000_000;

const pulled = z.object({
  address: camera.shape.address,
  credentials: cameraCredentials.optional(),
  /** By which key it is known. */
  key: keyPin.optional(),
});

const { address, credentials, key: known } = pulled.parse(await json(process.stdin));
const tunnel = address.startsWith("rtsps:") ? await openTunnel(new URL(address)) : undefined;
const url = tunnel?.url ?? new URL(address);
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

if (tunnel && known === undefined) writeSync(keyDescriptor, tunnel.key);

/**
 * FFmpeg takes whatever certificate a camera shows by RTSP: so TLS ends here, and FFmpeg finds the camera in plain behind a port that
 * takes one connection. Throws where the camera has another key than the one it is known by.
 */
async function openTunnel(camera: URL): Promise<{ url: URL; key: string }> {
  const host = camera.hostname.replace(/^\[|\]$/g, "");
  const secure = connect({
    host,
    port: Number(camera.port) || tlsPort,
    ...(isIP(host) ? {} : { servername: host }),
    rejectUnauthorized: false, // nobody vouches for a camera's certificate: its key is compared
  });
  secure.setTimeout(patience, () => secure.destroy(new Error("the camera says nothing")));
  await once(secure, "secureConnect");
  const spki = secure.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" });
  if (!spki) throw new Error("the camera shows no certificate");
  const key = createHash("sha256").update(spki).digest("hex");
  if (known !== undefined && key !== known) throw new Error("the camera has another key");
  const door = createServer((plain) => {
    door.close();
    plain.on("error", () => secure.destroy());
    secure.on("error", () => plain.destroy());
    secure.on("close", () => plain.destroy());
    plain.pipe(secure).pipe(plain);
  });
  await once(door.listen(0, "127.0.0.1"), "listening");
  const at = door.address();
  const url = new URL(camera.href.replace(/^rtsps:/, "rtsp:"));
  url.host = `127.0.0.1:${typeof at === "object" ? at?.port : ""}`;
  return { url, key };
}

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
