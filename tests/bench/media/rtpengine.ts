/** rtpengine as the measure: it relays SRTP between pairs of stations, decrypting and encrypting each packet, in user space. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export type RtpEngine = {
  /** Relays between two stations; takes their offers and gives their answers. */
  relay(first: string, second: string): Promise<[string, string]>;
  /** CPU so far, microseconds. */
  cpu(): number;
  stop(): void;
};

/** Starts rtpengine with its control port at `base`, media above it. Nothing when it is not installed. */
export async function startRtpEngine(base: number): Promise<RtpEngine | undefined> {
  const media = ["--port-min", String(base + 10), "--port-max", String(base + 1999)];
  const control = ["--interface", "127.0.0.1", "--listen-ng", `127.0.0.1:${base}`];
  const args = ["--foreground", "--log-stderr", "--log-level=3", "--table=-1", "--num-threads=1"];
  // It gives two stations that take the same suite each other's keys and passes their packets through unread, unless it has
  // to look for DTMF in them: then it verifies, decrypts and encrypts each.
  const reading = ["--dtmf-log-dest", "127.0.0.1:9"];
  const child = spawn("rtpengine", [...args, ...reading, ...control, ...media], { stdio: "ignore" });
  const started = await Promise.race([
    once(child, "error").then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(child.exitCode === null), 1500)),
  ]);
  if (!started) return undefined;
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");

  async function ask(command: Record<string, Bencoded>): Promise<string> {
    const cookie = randomUUID();
    const reply = once(socket, "message", { signal: AbortSignal.timeout(5000) });
    socket.send(`${cookie} ${bencode(command)}`, base, "127.0.0.1");
    const [data] = await reply;
    const sdp = /3:sdp(\d+):/.exec(String(data));
    if (!sdp) throw new Error(`rtpengine: ${String(data).slice(0, 200)}`);
    const at = sdp.index + sdp[0].length;
    return String(data).slice(at, at + Number(sdp[1]));
  }

  return {
    async relay(first, second) {
      const call = { "call-id": randomUUID(), "from-tag": "a" };
      const options = {
        "transport-protocol": "RTP/SAVP",
        ICE: "remove",
        "rtcp-mux": ["demux"],
        SDES: ["nonew"],
        replace: ["origin"],
      };
      const offered = await ask({ command: "offer", ...call, ...options, sdp: first });
      const answered = await ask({
        command: "answer",
        ...call,
        "to-tag": "b",
        ...options,
        sdp: asAnswer(second, offered),
      });
      return [answered, offered];
    },
    cpu: () => cpuOf(child),
    stop() {
      socket.close();
      child.kill("SIGKILL");
    },
  };
}

/** A station's offer, with one codec and the crypto tag of what it answers. */
function asAnswer(offer: string, to: string): string {
  const tag = /a=crypto:(\d+) AES_CM_128_HMAC_SHA1_80/.exec(to)?.[1] ?? "1";
  return offer.replace(/a=crypto:\d+/, `a=crypto:${tag}`);
}

/** User and system time of a process with its threads, from /proc (ticks of 10 ms). */
function cpuOf(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

type Bencoded = string | string[];

function bencode(value: Bencoded | Record<string, Bencoded>): string {
  if (typeof value === "string") return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(bencode).join("")}e`;
  const keys = Object.keys(value).sort();
  return `d${keys.map((key) => bencode(key) + bencode(value[key] ?? "")).join("")}e`;
}
