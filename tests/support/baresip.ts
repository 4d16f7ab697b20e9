/** baresip as a door station that we did not write: SIP over TLS with a client certificate, SDES-SRTP, Opus and H.264. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Recording, readWav } from "./tone.ts";

export interface BaresipOptions {
  /** Its own folder: configuration, log, recording. */
  folder: string;
  deviceId: string;
  /** PEM: certificate and key in one file, and the authority of the server's certificate. */
  certificate: string;
  serverAuthority: string;
  registrar: { host: string; port: number };
  /** Loopback ports: SIP listener (TLS takes the one after it), control, and where its RTP range begins (20 ports). */
  ports: { sip: number; control: number; rtp: number };
  /** What its microphone hears: a mono 48 kHz WAV file. */
  microphone: string;
  /** What its camera sees: an H.264 file. No video without. */
  camera?: string;
}

export interface BaresipEvent {
  type: string;
  class?: string;
  param?: string;
  [more: string]: unknown;
}

export interface Baresip {
  /** Runs a command of its menu, e.g. `dial sip:reception@…`, `hangup`, `accept`. */
  command(name: string, params?: string): void;
  /** The next event of that type, counted from the start: those that came before count too. */
  event(type: string, withinMilliseconds?: number): Promise<BaresipEvent>;
  events(): readonly BaresipEvent[];
  /** Resolves once its log says it; what it said before counts. Registration may come before its control port opens. */
  said(what: RegExp, withinMilliseconds?: number): Promise<void>;
  /** What its speaker played, so far. */
  heard(): Recording;
  log(): string;
  stop(): Promise<void>;
}

/** What its log says once it is registered. */
export const registered = /200 OK \(\) \[1 binding\]/;

const netstring = (value: object) => {
  const text = JSON.stringify(value);
  return `${Buffer.byteLength(text)}:${text},`;
};

/** Reads whole netstrings off the front of `buffer`; returns what is left. */
function takeNetstrings(buffer: string, each: (text: string) => void): string {
  let rest = buffer;
  for (;;) {
    const colon = rest.indexOf(":");
    if (colon < 0) return rest;
    const length = Number(rest.slice(0, colon));
    if (rest.length < colon + 1 + length + 1) return rest;
    each(rest.slice(colon + 1, colon + 1 + length));
    rest = rest.slice(colon + 2 + length);
  }
}

async function connectSoon(port: number, child: ChildProcess): Promise<Socket> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`baresip ended with ${child.exitCode} before it could be controlled`);
    const socket = connect(port, "127.0.0.1");
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    if (connected) return socket;
    await wait(50); // its listener offers no event to wait for
  }
  throw new Error(`baresip did not open its control port ${port}`);
}

/** Where the Debian or Homebrew package keeps baresip's modules. */
function modulePath(): string {
  const found = execFileSync("sh", [
    "-c",
    "ls -d /usr/lib/baresip/modules /usr/lib/*/baresip/modules /opt/homebrew/lib/baresip/modules 2>/dev/null | head -n 1",
  ]);
  return found.toString().trim();
}

/** Starts baresip, which registers at once. Resolves when it can be controlled; `said(registered)` tells more. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const { folder, ports } = options;
  mkdirSync(folder, { recursive: true });
  const config = [
    `sip_listen 127.0.0.1:${ports.sip}`,
    `sip_certificate ${options.certificate}`,
    `sip_cafile ${options.serverAuthority}`,
    "sip_verify_server yes",
    "call_local_timeout 120",
    "call_max_calls 8",
    `snd_path ${folder}`,
    `audio_source aufile,${options.microphone}`,
    `audio_alert aufile,${join(folder, "alert.wav")}`,
    "audio_channels 1",
    ...(options.camera
      ? [
          `video_source avformat,${options.camera}`,
          "video_display fakevideo,nil",
          "video_size 640x360",
          "video_bitrate 500000",
          "video_fps 15",
          "avcodec_h264enc libx264",
          "avcodec_h264dec h264",
        ]
      : []),
    `rtp_ports ${ports.rtp}-${ports.rtp + 20}`,
    "rtcp_mux no",
    "rtp_stats no",
    "jitter_buffer_delay 1-10",
    `module_path ${modulePath()}`,
    ...[
      "opus",
      "g711",
      "aufile",
      "sndfile",
      "srtp",
      "uuid",
      ...(options.camera ? ["fakevideo", "avcodec", "avformat"] : []),
    ].map((name) => `module ${name}.so`),
    "module_tmp account.so",
    "module_app menu.so",
    "module_app ctrl_tcp.so",
    `ctrl_tcp_listen 127.0.0.1:${ports.control}`,
    "opus_bitrate 64000",
    "opus_stereo no",
    "opus_sprop_stereo no",
    "net_interface 127.0.0.1",
  ];
  writeFileSync(join(folder, "config"), `${config.join("\n")}\n`);
  const { host, port } = options.registrar;
  writeFileSync(
    join(folder, "accounts"),
    `<sip:${options.deviceId}@${host}:${port};transport=tls>;auth_pass=none;mediaenc=srtp-mand;audio_codecs=opus/48000/1;answermode=manual;regint=60;sipnat=outbound;outbound="sip:${host}:${port};transport=tls"\n`,
  );
  writeFileSync(join(folder, "contacts"), "");

  const child = spawn("baresip", ["-f", folder, "-v"], { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
  let log = "";
  const logWaiting = new Set<() => void>();
  const hear = (text: Buffer) => {
    log += text;
    for (const wake of [...logWaiting]) wake();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const control = await connectSoon(ports.control, child);

  const events: BaresipEvent[] = [];
  const waiting = new Set<(event: BaresipEvent) => void>();
  let buffer = "";
  control.on("data", (text) => {
    buffer = takeNetstrings(buffer + text.toString(), (one) => {
      const event: BaresipEvent = JSON.parse(one);
      if (event.type === undefined) return;
      events.push(event);
      for (const wake of [...waiting]) wake(event);
    });
  });
  control.on("error", () => control.destroy());

  return {
    command: (name, params) => control.write(netstring({ command: name, params: params ?? "" })),
    event: (type, within = 10_000) => {
      const known = events.find((event) => event.type === type);
      if (known) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(wake);
          reject(
            new Error(
              `baresip did not say ${type} within ${within} ms. It said: ${events.map((event) => event.type).join(", ")}\n${log.slice(-2000)}`,
            ),
          );
        }, within);
        const wake = (event: BaresipEvent) => {
          if (event.type !== type) return;
          clearTimeout(timer);
          waiting.delete(wake);
          resolve(event);
        };
        waiting.add(wake);
      });
    },
    events: () => events,
    said: (what, within = 10_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          logWaiting.delete(look);
          reject(new Error(`baresip did not say ${what} within ${within} ms:\n${log.slice(-2000)}`));
        }, within);
        const look = () => {
          if (!what.test(log)) return;
          clearTimeout(timer);
          logWaiting.delete(look);
          resolve();
        };
        logWaiting.add(look);
        look();
      }),
    heard: () => {
      // Its recorder names a file by the moment the call began; the newest is this call's.
      const newest = readdirSync(folder)
        .filter((name) => name.endsWith("-dec.wav"))
        .sort()
        .at(-1);
      return newest === undefined ? { rate: 48_000, samples: new Float32Array(0) } : readWav(join(folder, newest));
    },
    log: () => log,
    stop: async () => {
      control.destroy();
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
