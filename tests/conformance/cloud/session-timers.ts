/** Whether a device that is called keeps a session timer (RFC 4028): without one, a call that is lost without a word goes on. */
import { header, type SipResponse, tokens } from "#media-nodes/sip-gateway/sip/message.ts";
import type { OutgoingCall } from "#media-nodes/sip-gateway/sip/outgoing-call.ts";
import { minimumInterval } from "#media-nodes/sip-gateway/sip/session-timer.ts";
import type { PlayedGateway } from "./gateway.ts";
import type { Steps } from "./steps.ts";

/** The shortest there may be, and the device is to keep it up. */
export const timerAsked = [["session-expires", `${minimumInterval};refresher=uac`]] as const;
/** Seconds: too short to be agreed to. */
const tooShort = 30;

/** How the device answered a call that asked with {@link timerAsked}, and how it answers one that asks for less. */
export async function judgeSessionTimers(
  { played, patience }: Omit<Steps, "ask">,
  gateway: PlayedGateway,
  answered: OutgoingCall,
  sdp: string,
): Promise<void> {
  const { seen, judge } = played;
  const finalOf = async (call: OutgoingCall | undefined): Promise<SipResponse | undefined> => {
    const final = await seen.next(
      "responded",
      patience.device,
      ({ response: { callId, cseq, status } }) =>
        callId === call?.callId && cseq.method === "INVITE" && cseq.number === 1 && status >= 200,
    );
    return final?.response;
  };

  const accepted = await finalOf(answered);
  const told = accepted && header(accepted, "session-expires");
  if (!accepted || told === undefined)
    return judge.notSeen("calls", "It keeps no session timer (RFC 4028): it may not notice that a call was lost.");
  const [, seconds, refresher] = /^(\d+)\s*;\s*refresher=(uac|uas)\b/i.exec(told) ?? [];
  judge.judge(
    "calls",
    Number(seconds) === minimumInterval &&
      (refresher?.toLowerCase() === "uas" || tokens(accepted, "require").includes("timer")),
    "It keeps a session timer when it is called with one (RFC 4028).",
    `It answers a session of ${minimumInterval} s with "Session-Expires: ${told}", or does not require the timer (RFC 4028 §9).`,
  );

  const call = gateway.call(sdp, [["session-expires", String(tooShort)]]);
  call?.onAnswer(({ dialog }) => dialog.bye());
  const refused = await finalOf(call);
  judge.judge(
    "calls",
    refused?.status === 422 && Number(header(refused, "min-se")) >= minimumInterval,
    `It refuses a session that is shorter than ${minimumInterval} s with 422, and says what it takes.`,
    `It answers a call with a session of ${tooShort} s with ${refused?.status ?? "nothing"}, and not with 422 and Min-SE (RFC 4028 §6).`,
  );
  if (!refused) call?.cancel();
}
