/** The system's notification of a ring, while the tab is hidden and where the person has allowed it. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { keep } from "../kept.ts";
import type { Live } from "../live/client.ts";
import type { LiveState } from "../live/state.ts";

/** How long "Answered by …" stays. Milliseconds. */
const answeredShown = 4_000;

/** Callers' faces are personal data: on a screen that others see, pictures can be left out. */
export const notificationPictures = keep("notification-pictures", ["show", "hide"], "show");

interface Shown {
  notification: Notification;
  picture: string | undefined;
}

export function useNotifications(live: Live, state: LiveState): void {
  const { t } = useTranslation("calls");
  const shown = useRef(new Map<string, Shown>());
  const leads = live.leads();
  useEffect(() => {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const open = shown.current;
    for (const one of state.rings) {
      if (one.phase !== "ringing" || !leads || document.visibilityState === "visible") continue;
      const picture = notificationPictures.get() === "show" ? one.snapshotUrl : undefined;
      const before = open.get(one.callId);
      // Of one call there is one, by its tag: the picture, which comes a moment later, takes the place of the first.
      if (before && (before.picture || !picture)) continue;
      const notification = new Notification(t("ring.notification.title", { door: one.door }), {
        body: t("ring.notification.body", { site: one.site, button: one.button }),
        icon: picture,
        tag: one.callId,
        requireInteraction: true,
        silent: true,
      });
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
      open.set(one.callId, { notification, picture });
    }
    for (const [callId, { notification }] of open) {
      const one = state.rings.find((ring) => ring.callId === callId);
      if (one?.phase === "ringing") continue;
      open.delete(callId);
      const by = one?.ended?.by;
      if (!by) {
        notification.close();
        continue;
      }
      const answered = new Notification(t("ring.notification.answered", { name: by }), { tag: callId, silent: true });
      setTimeout(() => answered.close(), answeredShown);
    }
  }, [state.rings, leads, t]);
}
