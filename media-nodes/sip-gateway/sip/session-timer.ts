/** Session timers (RFC 4028), the deciding part. Seconds, as on the wire. */
import { type Header, header, type SipRequest, type SipResponse, tokens } from "./message.ts";

/** The shortest interval we accept: RFC 4028 §4 forbids less than 90 s. */
export const minimumInterval = 90;

export interface SessionTimer {
  interval: number;
  /** Whether we or the peer must refresh. */
  refresher: "us" | "peer";
}

export type TimerAnswer = { kind: "none" } | { kind: "too-small" } | { kind: "timer"; timer: SessionTimer };

function parseSessionExpires(value: string | undefined): { interval: number; refresher?: string } | undefined {
  const match = /^(\d{1,9})\s*(?:;.*?\brefresher\s*=\s*(uac|uas)\b.*)?(?:;.*)?$/i.exec(value ?? "");
  return match?.[1] === undefined
    ? undefined
    : { interval: Number(match[1]), ...(match[2] ? { refresher: match[2].toLowerCase() } : {}) };
}

/** How a server answers a request's wish (RFC 4028 §9): the peer refreshes if it can. */
export function answerTimer(request: SipRequest): TimerAnswer {
  const wish = parseSessionExpires(header(request, "session-expires"));
  if (!wish) return { kind: "none" };
  if (wish.interval < minimumInterval) return { kind: "too-small" };
  const peerCan = tokens(request, "supported").includes("timer");
  return {
    kind: "timer",
    timer: { interval: wish.interval, refresher: !peerCan || wish.refresher === "uas" ? "us" : "peer" },
  };
}

/** What a client's 2xx asks of it (RFC 4028 §7.2). */
export function acceptedTimer(response: SipResponse): SessionTimer | undefined {
  const told = parseSessionExpires(header(response, "session-expires"));
  return told && { interval: told.interval, refresher: told.refresher === "uas" ? "peer" : "us" };
}

/** Session-Expires of our 2xx, and Require where the peer has to refresh (RFC 4028 §9). We are the server of the request. */
export function timerHeaders(answer: TimerAnswer): Header[] {
  if (answer.kind !== "timer") return [];
  const { interval, refresher } = answer.timer;
  const expires: Header = ["session-expires", `${interval};refresher=${refresher === "us" ? "uas" : "uac"}`];
  return refresher === "peer" ? [expires, ["require", "timer"]] : [expires];
}

/** When a session that the peer should refresh is given up: a little before its end (RFC 4028 §10). Milliseconds. */
export const givenUpAfter = (interval: number) => (interval - Math.min(32, interval / 3)) * 1000;
/** When we refresh a session: at half its interval (RFC 4028 §10). Milliseconds. */
export const refreshAfter = (interval: number) => interval * 500;
