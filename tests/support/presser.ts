/** A door station that only measures: presses, sends a tone and a moving picture once it may, and listens for a sound. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Decoder } from "@evan/opus";
import { deviceFiles } from "#media-nodes/pki/folder.ts";
import { offerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import { portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import { connectTls } from "#media-nodes/sip-gateway/sip/transport.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import { framesPerSecond, pictureEncoder } from "../../station/camera.ts";
import { sampleRate, startMicrophone } from "../../station/microphone.ts";

/** Wall-clock time with fractions: comparable with other processes of this machine. */
export const clockNow = (): number => performance.timeOrigin + performance.now();

export interface Press {
  /** When the INVITE left. */
  pressedAt: number;
  /** When the gateway said 180, 183 and 200. */
  rangAt: Promise<number>;
  earlyMediaAt: Promise<number>;
  answeredAt: Promise<number>;
  /** When the first packet with a sound in it came. */
  heardAt: Promise<number>;
  /** Resolves once the call is over, however it ended. */
  over: Promise<void>;
  /** CANCEL or BYE. */
  end(): void;
}

export interface Presser {
  press(options: { media: boolean }): Promise<Press>;
  close(): void;
}

const registrationTime = 3_600;
/** Root mean square, of 32768. */
const loud = 300;

/** Registers a device with the certificate it has in the data folder. */
export async function startPresser(dataDir: string, port: number, deviceId: string): Promise<Presser> {
  const files = deviceFiles(join(dataDir, "pki"), deviceId);
  const own = `<sip:${deviceId}@localhost>`;
  const userAgent = createUserAgent({
    clock: systemClock,
    contact: (on) => `<sip:${deviceId}@${on.local.address}:${on.local.port};transport=tls>`,
    sentBy: `${deviceId}.invalid`,
    onCall: (call) => call.reject(486),
    onError: console.error,
  });
  const flow = await connectTls({
    host: "127.0.0.1",
    port,
    certificate: readFileSync(files.certificate, "utf8"),
    key: readFileSync(files.key, "utf8"),
    serverAuthority: readFileSync(join(dataDir, "pki", "server-ca.pem"), "utf8"),
    pingEvery: 20_000,
  });
  userAgent.attach(flow);
  const contact = `<sip:${deviceId}@${flow.local.address}:${flow.local.port};transport=tls>;+sip.instance="<urn:uuid:${deviceId}>";reg-id=1;+symphony.station;expires=${registrationTime}`;
  const registered = await userAgent.request(flow, {
    method: "REGISTER",
    uri: "sip:localhost",
    from: own,
    to: own,
    callId: randomUUID(),
    cseq: 1,
    headers: [
      ["contact", contact],
      ["supported", "outbound"],
    ],
  });
  if (registered.status !== 200) throw new Error(`the registration was answered with ${registered.status}`);
  const ports = portPool(54_000, 57_999);
  const clip = recordClip();

  return {
    async press({ media }) {
      const ear = listenFor();
      const leg = await offerLeg({ video: true }, { address: "127.0.0.1", ports, events: { onRtp: ear.onRtp } });
      const [rang, early, answered, over] = [moment(), moment(), moment(), moment()];
      const stops: (() => void)[] = [() => leg.close()];
      let leave = () => call.cancel();
      const finish = () => {
        for (const stop of stops.splice(0)) stop();
        over.reached();
      };
      const pressedAt = clockNow();
      const call = userAgent.call(flow, {
        uri: "sip:reception@localhost",
        from: own,
        to: "<sip:reception@localhost>",
        sdp: leg.localSdp,
      });
      call.onProgress((status, sdp) => {
        if (status === 180) rang.reached();
        if (sdp === undefined || !leg.setAnswer(sdp).ok) return;
        early.reached();
        if (!media) return;
        const microphone = startMicrophone(700, (packet) => leg.send("audio", packet));
        stops.push(
          microphone.stop,
          play(clip, (packet) => leg.send("video", packet)),
        );
      });
      call.onFailure(finish);
      call.onAnswer(({ dialog }) => {
        answered.reached();
        leave = () => void dialog.bye();
        dialog.onEnd(finish);
      });
      return {
        pressedAt,
        rangAt: rang.at,
        earlyMediaAt: early.at,
        answeredAt: answered.at,
        heardAt: ear.at,
        over: over.at.then(() => undefined),
        end: () => leave(),
      };
    },
    close: () => flow.close("shut-down"),
  };
}

function moment(): { at: Promise<number>; reached(): void } {
  const { promise, resolve } = Promise.withResolvers<number>();
  return { at: promise, reached: () => resolve(clockNow()) };
}

function listenFor() {
  const decoder = new Decoder({ channels: 1, sample_rate: sampleRate });
  const first = moment();
  return {
    at: first.at,
    onRtp(kind: string, packet: RtpPacket) {
      if (kind !== "audio") return;
      const bytes = decoder.decode(packet.payload);
      const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      if (Math.sqrt(power) > loud) first.reached();
    },
  };
}

/** Two seconds of the test picture, encoded once: the camera must not take the time that is being measured. */
function recordClip(): Buffer[][] {
  const encoder = pictureEncoder(4_711);
  const frames = Array.from({ length: 2 * framesPerSecond }, (_, index) => encoder.encode(index, index === 0));
  encoder.close();
  return frames;
}

function play(clip: readonly Buffer[][], send: (packet: RtpPacket) => void): () => void {
  let frame = 0;
  let sequence = 0;
  const timer = setInterval(() => {
    const units = clip[frame % clip.length] ?? [];
    for (const [i, payload] of units.entries()) {
      sequence = (sequence + 1) & 0xffff;
      const marker = i === units.length - 1;
      send({ payloadType: 0, marker, sequence, timestamp: frame * 6_000, ssrc: 0, payload });
    }
    frame++;
  }, 1_000 / framesPerSecond);
  return () => clearInterval(timer);
}
