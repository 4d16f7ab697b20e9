import { VisuallyHidden } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKept } from "../kept.ts";
import { useLive, useLiveClient } from "../live/hooks.ts";
import { CallStage } from "./CallStage.tsx";
import { letterKeys } from "./keys.ts";
import { RingSheet } from "./RingSheet.tsx";
import { CallStrip, RingStrip, SmallCall } from "./Strips.tsx";
import { stagedRing } from "./staged-call.ts";
import { useNotifications } from "./use-notifications.ts";
import { useLeaveQuestion, useSounds, useTabMark } from "./use-ring-effects.ts";

/** What rings and what is talked, over whatever page is open. */
export function CallsLayer() {
  const { t } = useTranslation("calls");
  const live = useLiveClient();
  const state = useLive();
  const letters = useKept(letterKeys) === "on";
  useSounds(live, state);
  useTabMark(state);
  useNotifications(live, state);
  useLeaveQuestion(live, state);

  const leads = live.leads();
  const call = state.call && (state.call.phase !== "ended" || leads) ? state.call : undefined;
  const inCall = call !== undefined && call.phase !== "ended";
  const answered = leads && !inCall ? state.rings.find((one) => one.phase === "answering") : undefined;
  const staged = answered ? stagedRing(answered) : call;
  const onStage = inCall || answered !== undefined;
  const rings = onStage && leads ? [] : state.rings;
  const front = rings[0];
  const sheet = front && !front.small ? front : undefined;
  const waiting = rings.filter((one) => one.phase === "ringing" && one !== front);

  const callKey = staged?.requestId ?? staged?.callId;
  const [small, setSmall] = useState<string>();
  const path = useRouterState({ select: (router) => router.location.pathname });
  const before = useRef(path);
  useEffect(() => {
    // Who goes to another page in a call wants to see that page.
    if (before.current !== path && callKey) setSmall(callKey);
    before.current = path;
  }, [path, callKey]);
  // A second caller is shown on the stage, so it comes back for one.
  const large = !onStage || small !== callKey || state.rings.length > 0;

  const shownId = sheet?.phase === "ringing" ? sheet.callId : undefined;
  useEffect(() => {
    // Two frames later the sheet has been painted; a hidden tab paints nothing, and there the sound counts.
    if (!shownId || document.visibilityState !== "visible") return;
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => live.acknowledge(shownId));
    });
    return () => cancelAnimationFrame(frame);
  }, [shownId, live]);

  const named = state.rings.find((one) => one.phase === "ringing");
  const ended = state.rings.find((one) => one.phase === "ended");
  return (
    <>
      <VisuallyHidden>
        <span aria-live="assertive">
          {named
            ? t(letters ? "ring.announce" : "ring.title", { door: named.door })
            : ended?.ended?.by && t("ring.ended.by", { name: ended.ended.by })}
        </span>
      </VisuallyHidden>
      {staged && leads && large && (
        <CallStage
          key={callKey}
          call={staged}
          rings={onStage ? state.rings.filter((one) => one !== answered) : []}
          onSmall={() => setSmall(callKey)}
        />
      )}
      {call && leads && !large && <SmallCall call={call} onLarge={() => setSmall(undefined)} />}
      {call && !leads && <CallStrip call={call} />}
      {sheet && (
        <RingSheet
          key={sheet.callId}
          ring={sheet}
          waiting={waiting.length}
          onNext={() => waiting[0] && live.toFront(waiting[0].callId)}
        />
      )}
      {front?.small && front.phase !== "ended" && <RingStrip ring={front} />}
    </>
  );
}
