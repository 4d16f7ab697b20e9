import { IconBell, IconBellRinging, IconLock, IconLockOpen } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Door } from "#core/messages/portal-api.ts";
import { ApiError } from "../api/request.ts";
import { ensureVirtualStation, pressVirtualStation } from "../api/virtual-station.ts";
import { useAvailability, useLive, useNow } from "../live/hooks.ts";
import { doorView } from "./door-view.ts";
import { TestPicture } from "./TestPicture.tsx";
import styles from "./VirtualStation.module.css";

const columns = [0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220];

/** A door station in the page: its picture, its button, its output. The button rings this browser for real. */
export function VirtualStation({ station }: { station?: Door }) {
  const { t } = useTranslation("doors");
  const queries = useQueryClient();
  const live = useLive();
  const { sound, turnSoundOn, setWished } = useAvailability();
  const now = useNow(500);
  const press = useMutation({
    mutationFn: async () => {
      // This click is what the browser wants before it lets the page sound, and without sound nobody is rung.
      setWished(true);
      if (sound !== "on") await turnSoundOn();
      if (!station) await ensureVirtualStation();
      await pressVirtualStation();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["doors"] }),
  });
  const view = station && doorView(station, live, now);
  const ringing = press.isPending || view?.kind === "ringing";
  const talking = view?.kind === "talking";
  const open = view?.kind === "open" || (view?.kind === "rest" && view.contact === "open");
  return (
    <section className={styles.station} aria-label={t("first.station")}>
      <header>
        <span className={styles.dot} data-off={view?.kind === "offline" || undefined} aria-hidden />
        {t("first.station")}
        <span>{t("first.place")}</span>
      </header>
      <div className={styles.picture}>
        <TestPicture />
        <span>{t("first.picture")}</span>
      </div>
      <svg className={styles.grille} viewBox="0 0 220 28" aria-hidden>
        {[4, 14, 24].flatMap((y) => columns.map((x) => <circle key={`${x} ${y}`} cx={x} cy={y} r="2.2" />))}
      </svg>
      <button
        type="button"
        className={styles.button}
        data-ringing={ringing || undefined}
        aria-disabled={ringing || talking || undefined}
        onClick={() => {
          if (!ringing && !talking) press.mutate();
        }}
      >
        {ringing ? (
          <IconBellRinging size={22} stroke={1.75} aria-hidden />
        ) : (
          <IconBell size={22} stroke={1.75} aria-hidden />
        )}
        {t(ringing ? "first.pressing" : "first.press")}
      </button>
      <footer>
        {open ? <IconLockOpen size={14} stroke={1.75} aria-hidden /> : <IconLock size={14} stroke={1.75} aria-hidden />}
        {t(open ? "first.output.open" : "first.output.closed")}
      </footer>
      {press.isError && (
        <p className={styles.problem} role="alert">
          {problem(press.error)}
        </p>
      )}
      {talking && <p className={styles.note}>{t("first.busy")}</p>}
    </section>
  );

  function problem(error: Error): string {
    if (error instanceof ApiError && error.code === "station-offline") return t("first.offline");
    return t("first.failed");
  }
}
