/** Whether a device registers, calls with sound and picture before anybody answers, is called, and opens its door once and in time. */
import { randomUUID } from "node:crypto";
import type { FromStation } from "#core/messages/station.ts";
import { commandId } from "#core/messages/values.ts";
import { answerLeg, type LegEvents, type MediaLeg, offerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import type { MediaKind } from "#media-nodes/sip-gateway/media/rtp.ts";
import type { CallDialog } from "#media-nodes/sip-gateway/sip/call-dialog.ts";
import type { IncomingCall } from "#media-nodes/sip-gateway/sip/incoming-call.ts";
import type { PlayedGateway } from "./gateway.ts";
import { judgeSessionTimers, timerAsked } from "./session-timers.ts";
import { bell, type Steps } from "./steps.ts";

/** Milliseconds. */
const mediaTime = 5_000;
const answerTime = 20_000;

export async function judgeCalls(steps: Steps, gateway: PlayedGateway): Promise<void> {
  const { played, ask, patience } = steps;
  const { seen, judge, deviceId } = played;
  const mediaOptions = (events: LegEvents) => ({
    address: played.addresses.address,
    bindAddress: played.addresses.bind,
    ports: gateway.mediaPorts,
    events,
  });
  const registered = await seen.next("registered", patience.device);
  if (!registered) return judge.wrong("calls", "It does not register over SIP.");
  judge.fits("calls", "It registers under its device id, over TLS with its own certificate.");
  const { isStation, instance } = registered.registration;
  judge.judge(
    "calls",
    instance?.includes(`urn:uuid:${deviceId}`) === true,
    "It names its instance by its device id.",
    `Its Contact has no +sip.instance="<urn:uuid:${deviceId}>".`,
  );
  judge.judge(
    "calls",
    await gateway.isThere(),
    "It answers OPTIONS, by which it is asked whether it is there.",
    "It does not answer OPTIONS: it would be taken for lost.",
  );

  ask("call", `Press the button "Bell" (${bell}) at the device: a visitor is there.`);
  const pressed = await seen.next("pressed", patience.person);
  if (!pressed) return judge.wrong("calls", "It does not call when its button is pressed.");
  await judgePress(pressed.call);
  await judgeBeingCalled();

  async function judgePress(call: IncomingCall): Promise<void> {
    const { request } = call;
    judge.judge(
      "calls",
      request.uri.user === bell && request.from.uri.user === deviceId,
      "It calls its button's address, as itself.",
      `It calls "${request.uri.user ?? ""}" as "${request.from.uri.user ?? ""}", where "${bell}" and its device id are wanted.`,
    );
    const ears = newEars();
    const outcome = await answerLeg(request.body, mediaOptions(ears.events));
    if (!outcome.ok) {
      judge.wrong("calls", `Its offer can't be taken: ${outcome.reason}.`);
      return call.reject(outcome.status, outcome.reason);
    }
    const { leg } = outcome;
    judge.fits("calls", "It offers Opus and SRTP with SDES.");
    call.ringing();
    call.progress(outcome.sdp);
    await judgeMedia(leg, ears, "before anybody has answered");
    const ringing = await seen.next(
      "said",
      mediaTime,
      ({ message }) => message.kind === "states" && message.body.states.includes("ringing"),
    );
    judge.judge(
      "mqtt",
      ringing !== undefined,
      "It says that it rings.",
      "It does not say its state ringing over MQTT.",
    );
    const answered = await call.answer(outcome.sdp);
    if (judge.judge("calls", answered, "It acknowledges the answer.", "It does not acknowledge (ACK) the answer."))
      await judgeDoor();
    call.dialog.bye();
    leg.close();
  }

  async function judgeDoor(): Promise<void> {
    if (!isStation)
      return judge.notSeen("calls", "It does not say +symphony.station: it is a phone that opens by a digit.");
    const own = commandId.parse(randomUUID());
    const pulse = 500;
    const fire = async (id: typeof own, output: number, expiresAt: number) => {
      const from = seen.count;
      const status = await gateway
        .command({ type: "fire-output", commandId: id, output, pulse, expiresAt })
        .catch(() => 408);
      if (status !== 200) return `${status}`;
      const told = await seen.next("told", patience.device, ({ message }) => isAbout(message, id), from);
      return told?.message.type === "output" ? told.message.result : "nothing";
    };
    const [soon, past] = [Date.now() + 5_000, Date.now() - 1_000];
    const rules: [string, string, string][] = [
      [await fire(own, 1, soon), "fired", "It opens its door by a command"],
      [await fire(own, 1, soon), "repeated", "It opens once for a command that comes twice"],
      [await fire(commandId.parse(randomUUID()), 1, past), "expired", "It does not open by a command that has expired"],
      [await fire(commandId.parse(randomUUID()), 16, soon), "no-output", "It says so where an output is not fitted"],
    ];
    for (const [result, wanted, rule] of rules)
      judge.judge(
        "calls",
        result === wanted,
        `${rule}.`,
        `${rule}: no, it told "${result}" where "${wanted}" is right.`,
      );
  }

  async function judgeBeingCalled(): Promise<void> {
    const ears = newEars();
    const leg = await offerLeg({ video: true }, mediaOptions(ears.events));
    const call = gateway.call(leg.localSdp, timerAsked);
    const answer = await new Promise<{ sdp: string; dialog: CallDialog } | string>((resolve) => {
      const patience = setTimeout(() => resolve("no answer"), answerTime);
      call?.onAnswer((answered) => {
        clearTimeout(patience);
        resolve(answered);
      });
      call?.onFailure((status, reason) => {
        clearTimeout(patience);
        resolve(`${status} ${reason}`);
      });
    });
    if (typeof answer === "string") {
      judge.notSeen("calls", `It does not answer by itself when it is called (${answer}).`);
      call?.cancel();
    } else {
      judge.fits("calls", "It answers when it is called.");
      const agreed = leg.setAnswer(answer.sdp);
      if (agreed.ok) await judgeMedia(leg, ears, "when it is called");
      else judge.wrong("calls", `Its answer can't be taken: ${agreed.reason}.`);
      const again = await answer.dialog.offer(leg.localSdp).then(
        ({ status }) => `${status}`,
        () => "nothing",
      );
      judge.judge(
        "calls",
        again === "200",
        "It takes another offer in a call (re-INVITE).",
        `It answers another offer in a call (re-INVITE) with ${again}.`,
      );
      answer.dialog.bye();
      if (call) await judgeSessionTimers(steps, gateway, call, leg.localSdp);
    }
    leg.close();
  }

  async function judgeMedia(leg: MediaLeg, ears: ReturnType<typeof newEars>, when: string): Promise<void> {
    judge.judge(
      "calls",
      await ears.heard("audio"),
      `It sends sound ${when}.`,
      `No SRTP with sound that can be verified comes ${when}.`,
    );
    if (!leg.kinds.has("video")) return judge.notSeen("calls", "It offers no picture.");
    leg.requestKeyframe();
    judge.judge(
      "calls",
      await ears.heard("video"),
      `It sends its picture ${when}.`,
      `No SRTP with a picture that can be verified comes ${when}, though it was agreed to.`,
    );
  }
}

const isAbout = (message: FromStation, id: string): boolean => message.type === "output" && message.commandId === id;

/** Knows what has arrived. */
function newEars() {
  const arrived = { audio: Promise.withResolvers<true>(), video: Promise.withResolvers<true>() };
  const events: LegEvents = {
    onRtp: (kind: MediaKind) => arrived[kind === "audio" ? "audio" : "video"].resolve(true),
  };
  return {
    events,
    heard: (kind: "audio" | "video") =>
      Promise.race([
        arrived[kind].promise,
        new Promise<false>((resolve) => setTimeout(() => resolve(false), mediaTime).unref()),
      ]),
  };
}
