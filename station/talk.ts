/** The media of one call at the station: camera and microphone out, hearing and watching in. */
import { answerLeg, type LegEvents, type MediaLeg, offerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import type { PortPool } from "#media-nodes/sip-gateway/media/ports.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import type { Camera } from "./camera.ts";
import type { Reporter } from "./events.ts";
import { hearing } from "./hearing.ts";
import { startMicrophone } from "./microphone.ts";
import { watching } from "./watching.ts";

export type TalkOptions = {
  /** Our IPv4 address, for SDP. */
  address: string;
  ports: PortPool;
  /** Hz; 0 for silence. */
  tone: number;
  /** Begins to film. */
  film(send: (packet: RtpPacket) => void): Camera;
  /** Begins to film with the camera that is shown beside. Absent: there is none. */
  filmBeside?: ((send: (packet: RtpPacket) => void) => Camera) | undefined;
  video: boolean;
  report: Reporter;
};

export type Talk = {
  readonly localSdp: string;
  /** The answer to our offer. */
  setAnswer(sdp: string): boolean;
  renegotiate: MediaLeg["renegotiate"];
  /** Begins to send. Has no effect a second time. */
  start(): void;
  stop(): void;
};

/** How often a key frame is asked for while somebody's picture comes in, so that there is always one to look at. */
const lookEvery = 2_000;
const listenEvery = 1_000;

function newTalk(options: TalkOptions) {
  const { report } = options;
  const ears = hearing();
  let leg: MediaLeg | undefined;
  let camera: Camera | undefined;
  let beside: Camera | undefined;
  let microphone: { stop(): void } | undefined;
  let heard = false;
  let lookedAt = 0;
  const timers: NodeJS.Timeout[] = [];
  const watch = watching(({ code, width, height }) =>
    report({ event: "picture-code", code: code ?? null, width, height }),
  );

  const events: LegEvents = {
    onRtp(kind, packet) {
      if (kind === "audio") {
        heard = true;
        ears.hear(packet);
        return;
      }
      const now = performance.now();
      if (now - lookedAt > lookEvery) {
        lookedAt = now;
        leg?.requestKeyframe();
      }
      watch(packet);
    },
    onKeyframeRequest: (kind) => (kind === "video-2" ? beside : camera)?.requestKeyframe(),
    onDtmf: () => report({ event: "digit" }),
  };

  const talk: Talk = {
    get localSdp() {
      return leg?.localSdp ?? "";
    },
    setAnswer: (sdp) => leg?.setAnswer(sdp).ok ?? false,
    renegotiate: async (sdp) => (await leg?.renegotiate(sdp)) ?? { ok: false, status: 488, reason: "the call is over" },
    start() {
      if (microphone || !leg) return;
      const sending = leg;
      microphone = startMicrophone(options.tone, (packet) => sending.send("audio", packet));
      if (sending.kinds.has("video")) camera = options.film((packet) => sending.send("video", packet));
      if (sending.kinds.has("video-2")) beside = options.filmBeside?.((packet) => sending.send("video-2", packet));
      const listen = setInterval(() => {
        const { packets, tone } = ears.take();
        if (heard) report({ event: "heard-tone", hertz: tone ?? null, packets });
      }, listenEvery);
      timers.push(listen);
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
      microphone?.stop();
      camera?.stop();
      beside?.stop();
      camera = undefined;
      beside = undefined;
      leg?.close();
      leg = undefined;
    },
  };
  const legOptions = {
    address: options.address,
    ports: options.ports,
    secondVideo: options.filmBeside !== undefined,
    events,
  };
  return {
    talk,
    legOptions,
    take: (made: MediaLeg) => {
      leg = made;
      return talk;
    },
  };
}

/** A talk that we begin: its offer is in `localSdp`. Rejects when no ports are free. */
export async function offerTalk(options: TalkOptions): Promise<Talk> {
  const { take, legOptions } = newTalk(options);
  return take(await offerLeg({ video: options.video, secondVideo: options.filmBeside && "sendonly" }, legOptions));
}

/** A talk that we are called to: the answer is in `localSdp`. */
export async function answerTalk(
  offer: string,
  options: TalkOptions,
): Promise<{ ok: true; talk: Talk } | { ok: false; status: number; reason: string }> {
  const { take, legOptions } = newTalk(options);
  const outcome = await answerLeg(offer, legOptions);
  return outcome.ok ? { ok: true, talk: take(outcome.leg) } : outcome;
}
