/** What the station tells about itself, for people and for tests. */
import { appendFileSync } from "node:fs";

export type StationEvent =
  /** Nobody has claimed it yet. `code` as on its label; empty where that is lost. */
  | { event: "unclaimed"; code: string }
  /** The cloud knows that somebody is at the station. */
  | { event: "present" }
  | { event: "enrolled"; deviceId: string }
  | { event: "configured"; version: number }
  /** Another maker's camera began or ceased to answer. */
  | { event: "camera"; name: string; answers: boolean }
  /** By which keys cameras are known is damaged on the disk. */
  | { event: "camera-keys-lost" }
  | { event: "renewed" }
  /** It trusts other authorities to be the cloud than before. */
  | { event: "anchors" }
  /** What this start runs. `below-floor`: it takes no calls until it is updated. */
  | { event: "started"; firmware: string; release: number; mode: "normal" | "trial" | "fallen-back" | "below-floor" }
  /** How far an update is. */
  | { event: "updating"; release: number; phase: string; percent: number; detail?: string }
  | { event: "cloud-away"; reason: string }
  /** The clock was put right. Milliseconds that it was slow; negative where it was fast. */
  | { event: "time"; off: number }
  /** What the time server said was not believed: `offered`, in milliseconds since the epoch. */
  | { event: "time-refused"; why: "before-known-time" | "not-witnessed"; offered: number }
  | { event: "time-away"; reason: string }
  /** The cloud does not let it in: its owner has revoked it, say. */
  | { event: "refused"; reason: string }
  /** It is as it left the factory, and its owner's still. */
  | { event: "reset" }
  | { event: "registered"; deviceId: string }
  | { event: "disconnected"; reason: string }
  | { event: "pressed"; button: string }
  | { event: "ringing" }
  /** The gateway takes our sound and picture, before an answer. */
  | { event: "early-media" }
  | { event: "answered"; by: "station" | "person" }
  /** Once a second in a call: the loudest tone of what arrived, null for silence, and the packets. */
  | { event: "heard-tone"; hertz: number | null; packets: number }
  /** A received key frame was decoded. `code` is null where the picture holds no picture code. */
  | { event: "picture-code"; code: number | null; width: number; height: number }
  | { event: "output-fired"; output: number; pulse: number; count: number }
  | { event: "output-refused"; why: "repeated" | "expired" | "no-output" }
  /** An output that follows a state went on or off. */
  | { event: "output"; output: number; on: boolean }
  /** Somebody wants to see which device this is. */
  | { event: "identify" }
  | { event: "contact"; contact: "none" | "closed" | "open" }
  /** Somebody is at the station's housing, or no more. */
  | { event: "tamper"; lasts: boolean }
  /** A dialled digit arrived as INFO. */
  | { event: "digit" }
  /** `sipStatus`: of the refusal, or 200 for a talk that ended by BYE. */
  | { event: "ended"; sipStatus: number; reason: string; talked: number }
  | { event: "failed"; reason: string };

export type Reporter = (event: StationEvent) => void;

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

/** One line for a person. Undefined for what only a test wants to know. */
export function sentence(event: StationEvent): string | undefined {
  switch (event.event) {
    case "unclaimed":
      return `Nobody has claimed this station yet.${event.code ? ` Its code is ${event.code}.` : ""} Enter confirms that you are here.`;
    case "present":
      return "The cloud knows that you are here.";
    case "enrolled":
      return "Claimed: the station has its certificate.";
    case "configured":
      return "The configuration is applied.";
    case "camera":
      return `The camera "${event.name}" ${event.answers ? "answers" : "doesn't answer"}.`;
    case "camera-keys-lost":
      return "The keys that cameras are known by are damaged: a camera over TLS doesn't answer until it is put in anew.";
    case "renewed":
      return "The certificate is renewed.";
    case "anchors":
      return "The cloud has a new authority, and the old one vouches for it.";
    case "started":
      if (event.mode === "below-floor")
        return `${event.firmware} is no longer safe to run: no calls until it is updated.`;
      return event.mode === "normal"
        ? undefined
        : `Started ${event.firmware}${event.mode === "trial" ? "" : " again"}.`;
    case "updating":
      return `Release ${event.release}: ${event.phase}${event.phase === "loading" ? ` (${event.percent} %)` : ""}${event.detail ? `, ${event.detail}` : ""}.`;
    case "cloud-away":
      return `The cloud can't be reached (${event.reason}). Trying again.`;
    case "time":
      if (Math.abs(event.off) < 1000) return undefined;
      return `The clock was ${Math.abs(Math.round(event.off / 1000))} s ${event.off > 0 ? "slow" : "fast"}, and is right now.`;
    case "time-refused":
      return `The time server says ${new Date(event.offered).toISOString()}, which is not believed: ${event.why === "before-known-time" ? "it was later already" : "the cloud does not say so"}.`;
    case "time-away":
      return `No time from the time server: ${event.reason}.`;
    case "refused":
      return `The cloud does not let this station in (${event.reason}). Trying again.`;
    case "reset":
      return "The station is as it left the factory. It is its owner's still.";
    case "registered":
      return "Registered. The door is online.";
    case "disconnected":
      return `The connection ended (${event.reason}). Trying again.`;
    case "pressed":
      return `Button "${event.button}" pressed.`;
    case "ringing":
      return "It rings.";
    case "early-media":
      return "Sound and picture are on their way.";
    case "answered":
      return event.by === "person" ? "Answered. You can talk." : "Called from the portal; answered.";
    case "heard-tone":
      return event.hertz === null ? undefined : `Hears about ${event.hertz} Hz.`;
    case "picture-code":
      return `Sees a picture of ${event.width} × ${event.height}${event.code === null ? "" : `, code ${event.code}`}.`;
    case "output-fired":
      return `Output ${event.output} switched for ${event.pulse / 1000} s: the door opens.`;
    case "output-refused":
      return `A door command was not carried out: ${event.why}.`;
    case "output":
      return `Output ${event.output} is ${event.on ? "on" : "off"}.`;
    case "identify":
      return "Here I am.";
    case "contact":
      return event.contact === "none" ? undefined : `The door is ${event.contact}.`;
    case "tamper":
      return event.lasts ? "Somebody tampers with the station." : "Nobody tampers with the station any more.";
    case "digit":
      return "A digit was dialled.";
    case "ended":
      return event.sipStatus < 300
        ? `The call ended after ${Math.round(event.talked / 1000)} s (${event.reason}).`
        : `Not answered: ${event.sipStatus} ${event.reason}.`;
    case "failed":
      return event.reason;
  }
}

export type ReporterOptions = {
  /** JSON lines on standard output instead of sentences. */
  json: boolean;
  /** Appends JSON lines to this file as well. */
  file?: string;
  write?: (line: string) => void;
  now?: () => number;
};

export function newReporter({ json, file, write = console.log, now = Date.now }: ReporterOptions): Reporter {
  let last: string | undefined;
  return (event) => {
    const at = now();
    const line = JSON.stringify({ at, ...event });
    if (file !== undefined) appendFileSync(file, `${line}\n`);
    if (json) return write(line);
    const text = sentence(event);
    // What has not changed is not worth a line each second.
    if (text === undefined || text === last) return;
    last = text;
    write(`${clock(at)}  ${text}`);
  };
}
