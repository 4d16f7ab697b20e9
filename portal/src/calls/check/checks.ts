/** The six things a call needs of a browser, each tried for real. What a result means in words is the page's business. */
import { check } from "#core/messages/portal-api.ts";
import { request } from "../../api/request.ts";
import { playRing, prove, sounding } from "../../live/sound.ts";
import { type CaptureFault, captureCamera, captureMicrophone } from "../capture.ts";
import { listenTo, meterLevel } from "../listen.ts";

export const checkNames = ["secure", "microphone", "camera", "sound", "notifications", "udp"] as const;
export type CheckName = (typeof checkNames)[number];

export type CheckResult =
  | { check: "secure"; outcome: "ok" | "failed" }
  | { check: "microphone"; outcome: "ok" | "quiet"; device: string }
  | { check: "microphone" | "camera"; outcome: CaptureFault }
  | { check: "camera"; outcome: "ok"; device: string }
  /** `ask`: it was played, and only the person knows whether it was heard. */
  | { check: "sound"; outcome: "ask" | "ok" | "blocked" | "failed" }
  | { check: "notifications"; outcome: "ok" | "ask" | "refused" | "missing" | "insecure" }
  | { check: "udp"; outcome: "ok" | "failed" | "unavailable" };

export const isGood = (result: CheckResult | undefined): boolean => result?.outcome === "ok";

export const checkSecure = (): CheckResult => ({ check: "secure", outcome: isSecureContext ? "ok" : "failed" });

/** A peak below this, 0 to 1, in two seconds means that nothing was heard: a muted headset is at 0. */
const heardLevel = 0.008;
const listenFor = 2_000;

/** @param onLevel told the level, 0 to 1, ten times a second */
export async function checkMicrophone(onLevel: (level: number) => void): Promise<CheckResult> {
  const captured = await captureMicrophone();
  if ("fault" in captured) return { check: "microphone", outcome: captured.fault };
  const { track } = captured;
  let peak = 0;
  const stop = listenTo(track, (level) => {
    peak = Math.max(peak, level);
    onLevel(meterLevel(level));
  });
  await new Promise((resolve) => setTimeout(resolve, listenFor));
  stop();
  track.stop();
  return { check: "microphone", outcome: peak < heardLevel ? "quiet" : "ok", device: track.label };
}

export async function checkCamera(): Promise<CheckResult> {
  const captured = await captureCamera();
  if ("fault" in captured) return { check: "camera", outcome: captured.fault };
  captured.track.stop();
  return { check: "camera", outcome: "ok", device: captured.track.label };
}

/** From a click: plays the ring once. */
export async function checkSound(): Promise<CheckResult> {
  if (!(await prove({ level: 0, patience: 1_000 })) || !sounding()) return { check: "sound", outcome: "blocked" };
  playRing(1);
  return { check: "sound", outcome: "ask" };
}

export function checkNotifications(): CheckResult {
  if (!isSecureContext) return { check: "notifications", outcome: "insecure" };
  if (!("Notification" in window)) return { check: "notifications", outcome: "missing" };
  const outcome = { granted: "ok", denied: "refused", default: "ask" } as const;
  return { check: "notifications", outcome: outcome[Notification.permission] };
}

/** Longer than a packet's way there and back anywhere; shorter than a browser's own patience. Milliseconds. */
const gatherFor = 5_000;

/**
 * Asks the platform's STUN server by UDP from every address of this browser. In the platform's own network the server sees
 * that address unchanged and no candidate tells of the answer; there an address that was asked from without an error was answered.
 */
export async function checkUdp(): Promise<CheckResult> {
  let servers: RTCIceServer[];
  try {
    servers = (await request(check, "/api/check")).iceServers;
  } catch {
    return { check: "udp", outcome: "unavailable" };
  }
  if (servers.length === 0) return { check: "udp", outcome: "unavailable" };
  const connection = new RTCPeerConnection({ iceServers: servers });
  connection.createDataChannel("check");
  let reflected = false;
  let asked = 0;
  let unanswered = 0;
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.protocol !== "udp") return;
    if (candidate.type === "srflx") reflected = true;
    if (candidate.type === "host") asked++;
  };
  connection.onicecandidateerror = () => {
    unanswered++;
  };
  const ended = await new Promise<boolean>((resolve) => {
    connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve(true);
    setTimeout(() => resolve(false), gatherFor);
    void connection.setLocalDescription();
  });
  connection.close();
  const answered = reflected || (ended && asked > unanswered);
  return { check: "udp", outcome: answered ? "ok" : "failed" };
}
