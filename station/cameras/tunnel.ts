/** The way to a camera that FFmpeg is not to go by itself: it finds the camera in plain behind a port that takes one connection. */
import { createHash } from "node:crypto";
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, createServer, isIP, type LookupFunction, type Socket } from "node:net";
import { Transform } from "node:stream";
import { connect as connectTls } from "node:tls";

/** Until the camera says something. Milliseconds. */
export const patience = 4_000;
/** RFC 7826 §20.1. */
const ports = { "rtsp:": 554, "rtsps:": 322 };

/** It is not asked: its address is not public, and only such are reached from here. */
export class NotPublic extends Error {}

type LookUp = (host: string) => Promise<LookupAddress[]>;

export interface Way {
  /** Where FFmpeg finds the camera. */
  url: URL;
  /** What the camera showed over TLS: SHA-256 of its key's SubjectPublicKeyInfo, hexadecimal. */
  key: string | undefined;
}

/**
 * Connects, over TLS for `rtsps:`, since FFmpeg takes whatever certificate a camera shows by RTSP. Throws where the camera has another
 * key than the one it is known by.
 * @param isPublic judges every address that the name leads to, which alone are then connected to; a camera that sends on to another
 * address is left. Absent: it is reached anywhere. Throws {@link NotPublic}
 * @param lookUp says every address that a name leads to
 */
export async function openTunnel(
  camera: URL,
  known: string | undefined,
  isPublic?: (address: string) => boolean,
  lookUp: LookUp = (host) => lookup(host, { all: true }),
): Promise<Way> {
  const host = camera.hostname.replace(/^\[|\]$/g, "");
  const secure = camera.protocol === "rtsps:";
  const at = {
    host,
    port: Number(camera.port) || ports[secure ? "rtsps:" : "rtsp:"],
    ...(isPublic ? { lookup: await judged(host, isPublic, lookUp) } : {}),
  };
  const tls = secure
    ? connectTls({
        ...at,
        ...(isIP(host) ? {} : { servername: host }),
        rejectUnauthorized: false, // nobody vouches for a camera's certificate: its key is compared
      })
    : undefined;
  const there: Socket = tls ?? connect(at);
  there.setTimeout(patience, () => there.destroy(new Error("the camera says nothing")));
  await once(there, secure ? "secureConnect" : "connect");
  if (isPublic && !isPublic(there.remoteAddress ?? "")) throw new NotPublic();
  let key: string | undefined;
  if (tls) {
    const spki = tls.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" });
    if (!spki) throw new Error("the camera shows no certificate");
    key = createHash("sha256").update(spki).digest("hex");
    if (known !== undefined && key !== known) throw new Error("the camera has another key");
  }
  const url = new URL(camera.href.replace(/^rtsps:/i, "rtsp:"));
  url.host = `127.0.0.1:${await openDoor(there, isPublic ? staysHere() : undefined)}`;
  return { url, key };
}

/** Looks the name up once and for all, so that what was judged is what is connected to. */
async function judged(host: string, isPublic: (address: string) => boolean, lookUp: LookUp): Promise<LookupFunction> {
  const found = await lookUp(host);
  if (!found.every(({ address }) => isPublic(address))) throw new NotPublic();
  const [first] = found;
  return (_host, { all }, answer) => {
    if (all || !first) answer(null, found);
    else answer(null, first.address, first.family);
  };
}

/** @returns the port of the one connection that is led there, what comes back through `filter` */
async function openDoor(there: Socket, filter: Transform | undefined): Promise<number> {
  const door = createServer((plain) => {
    door.close();
    plain.on("error", () => there.destroy());
    there.on("error", () => plain.destroy());
    there.on("close", () => plain.destroy());
    plain.pipe(there);
    filter?.on("error", () => plain.destroy());
    (filter ? there.pipe(filter) : there).pipe(plain);
  });
  await once(door.listen(0, "127.0.0.1"), "listening");
  const bound = door.address();
  return typeof bound === "object" ? (bound?.port ?? 0) : 0;
}

/**
 * Ends with an error where the camera names another place to go on at (RFC 7826 §13.3), before FFmpeg, which would go there by itself,
 * has read the word to its end. FFmpeg drops every CR, and so are they here.
 */
function staysHere(): Transform {
  const word = "location:";
  let before = "";
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const text = before + bytes.toString("latin1").replaceAll("\r", "").toLowerCase();
      before = text.slice(-(word.length - 1));
      if (text.includes(word)) done(new Error("the camera sends on to another address"));
      else done(null, bytes);
    },
  });
}
