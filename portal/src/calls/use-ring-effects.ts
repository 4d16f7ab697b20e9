/** What a ring or a call does outside the page's own boxes: sounds, the tab's title and icon. */
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Live } from "../live/client.ts";
import { playCalling, playNotOpened, playOpened, playRing, playTick, playWarning, sounding } from "../live/sound.ts";
import type { DoorCommand, LiveState } from "../live/state.ts";
import { showDot } from "./icon-dot.ts";

/** The leading tab plays; the others are silent. */
export function useSounds(live: Live, state: LiveState): void {
  const leads = live.leads();
  const inCall = state.call !== undefined && state.call.phase !== "ended";
  const ringing = state.rings.find((one) => one.phase === "ringing" && !one.silenced);
  const ringId = leads && !inCall ? ringing?.callId : undefined;
  // From what does not change while it rings: the sound must not begin anew because a clock was set.
  const ringUntil = ringing ? ringing.receivedAt + ringing.ringUntil - ringing.pressedAt : 0;
  const { sound } = useSyncExternalStore(live.availability.subscribe, live.availability.get);

  useEffect(() => {
    if (!ringId || sound !== "on" || !sounding()) return;
    const stop = playRing(Math.max(0, (ringUntil - Date.now()) / 1_000));
    live.acknowledge(ringId);
    // Whoever answers hears the door at once, and not the ring until the page is drawn.
    const leave = live.subscribe(() => {
      if (!live.get().rings.some(({ callId, phase }) => callId === ringId && phase === "ringing")) stop();
    });
    return () => {
      leave();
      stop();
    };
  }, [ringId, ringUntil, live, sound]);

  const ticked = useRef(new Set<string>());
  useEffect(() => {
    for (const one of state.rings) {
      if (ticked.current.has(one.callId)) continue;
      ticked.current.add(one.callId);
      if (!leads || !inCall || one.phase !== "ringing" || !sounding()) continue;
      playTick();
      live.acknowledge(one.callId);
    }
  }, [state.rings, leads, inCall, live]);

  const calling = leads && (state.call?.phase === "asking" || state.call?.phase === "calling");
  useEffect(() => (calling && sounding() ? playCalling(60) : undefined), [calling]);

  const warned = leads && state.call?.phase === "talking" && state.call.warned;
  useEffect(() => {
    if (warned && sounding()) playWarning();
  }, [warned]);

  const heard = useRef<Record<string, string>>({});
  useEffect(() => {
    for (const command of Object.values(state.commands)) {
      const result = resultOf(command);
      if (!result || heard.current[command.deviceId] === command.commandId) continue;
      heard.current[command.deviceId] = command.commandId;
      if (!leads || !command.mine || !sounding()) continue;
      if (result === "opened") playOpened();
      else playNotOpened();
    }
  }, [state.commands, leads]);
}

function resultOf(command: DoorCommand): "opened" | "not-opened" | undefined {
  if (command.state === "confirmed" || command.state === "open") return "opened";
  return command.state === "failed" || command.state === "refused" ? "not-opened" : undefined;
}

/** "Rings: Main entrance" as the tab's title, and an amber dot in its icon. In every tab. */
export function useTabMark(state: LiveState): void {
  const { t } = useTranslation("calls");
  const ringing = state.rings.find((one) => one.phase === "ringing");
  const talking = state.call?.phase === "talking" ? state.call : undefined;
  const title = ringing
    ? t("ring.documentTitle", { door: ringing.door })
    : talking && t(talking.held ? "ring.documentTitleHeld" : "ring.documentTitleCall", { door: talking.door });
  const dot = ringing !== undefined;
  useEffect(() => {
    if (!title) return;
    const before = document.title;
    document.title = title;
    return () => {
      if (document.title === title) document.title = before; // a page that was opened meanwhile has named itself
    };
  }, [title]);
  useEffect(() => (dot ? showDot() : undefined), [dot]);
}

/** Closing the tab that talks would end the call: the browser asks first. */
export function useLeaveQuestion(live: Live, state: LiveState): void {
  const talks = live.leads() && state.call?.phase === "talking";
  useEffect(() => {
    if (!talks) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [talks]);
}
