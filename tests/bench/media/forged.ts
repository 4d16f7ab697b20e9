/** Whether a relay reads what it relays: a packet with a wrong tag goes through one that passes SRTP on as it is. */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { srtpSender } from "#media-nodes/sip-gateway/media/srtp.ts";
import type { RtpEngine } from "./rtpengine.ts";

/** Sends a forged packet between two genuine ones through a relay of its own. */
export async function passesForgedPackets(engine: RtpEngine): Promise<boolean> {
  const [from, to] = [await boundSocket(), await boundSocket()];
  try {
    const key = randomBytes(30);
    const [answer] = await engine.relay(offer(from, key), offer(to, randomBytes(30)));
    const port = Number(/m=audio (\d+)/.exec(answer)?.[1]);
    const sender = srtpSender(key);
    const packet = (sequence: number) =>
      sender.protect({ payloadType: 96, marker: false, sequence, timestamp: 960, ssrc: 1, payload: Buffer.alloc(160) });
    const arrived: number[] = [];
    to.on("message", (data: Buffer) => arrived.push(data.readUInt16BE(2)));
    const send = async (data: Buffer) => {
      from.send(data, port, "127.0.0.1");
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await send(packet(1));
    const forged = packet(2);
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    await send(forged);
    while (!arrived.includes(3)) await send(packet(3));
    return arrived.includes(2);
  } finally {
    from.close();
    to.close();
  }
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

const offer = (socket: Socket, key: Buffer) =>
  [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=audio ${socket.address().port} RTP/SAVP 96`,
    "a=rtpmap:96 opus/48000/2",
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key.toString("base64")}`,
    "",
  ].join("\r\n");
