import { Button } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconPlayerPause, IconPlayerPlay, IconShieldCheck } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { RolloutDecision, RolloutShown } from "#core/messages/firmware-api.ts";
import { decideOnRollout } from "../api/firmware-queries.ts";
import { Chip } from "../design/Chip.tsx";
import { sameDay, useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import styles from "./Firmware.module.css";
import { allOf } from "./on-top.ts";
import { RolloutBar } from "./RolloutBar.tsx";
import { useFirmwareChange } from "./use-firmware-change.ts";

/** One rollout at a glance, and what can be decided on it. @param whole also where one is on its own page */
export function RolloutCard({ rollout, whole = false }: { rollout: RolloutShown; whole?: boolean }) {
  const { t } = useTranslation("firmware");
  const heading = useId();
  const { model, release, critical, note, state, reason } = rollout;
  const title = state === "stopped" && reason === "failures" ? "stoppedByItself" : state;
  return (
    <section className={styles.rollout} aria-labelledby={heading} data-tone={toneOf(rollout)}>
      <div className={styles.rolloutTop}>
        <h2 id={heading}>{t(`title.${title}`, { model, release })}</h2>
        {critical && (
          <Chip tone="stop" icon={<IconShieldCheck size={14} stroke={1.75} aria-hidden />}>
            {t("critical")}
          </Chip>
        )}
        {rollout.goesBack && <Chip>{t("goesBack")}</Chip>}
        {note && <span className={styles.note}>{note}</span>}
        <div className={styles.actions}>
          <Decisions rollout={rollout} whole={whole} />
        </div>
      </div>
      <NextWords rollout={rollout} />
      <RolloutBar rollout={rollout} />
    </section>
  );
}

function toneOf({ state, reason }: RolloutShown): "stop" | "ring" | undefined {
  if (state === "stopped" && reason === "failures") return "stop";
  return state === "awaits-approval" || state === "paused" ? "ring" : undefined;
}

/** What happens next, or what happened. */
function NextWords({ rollout }: { rollout: RolloutShown }) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  const { state, nextAt, timeZone, changedAt, wayBack, reason } = rollout;
  const all = allOf(rollout);
  if (state === "stopped" && reason === "failures") {
    const failed = { failed: format.number(all.failed), of: format.number(all.healthy + all.failed) };
    return (
      <p className={styles.next} data-tone="stop">
        {sameDay(changedAt, Date.now())
          ? t("next.stoppedToday", { ...failed, time: format.clock(changedAt) })
          : t("next.stopped", { ...failed, time: format.inZone(changedAt) })}
        {wayBack === undefined && ` ${t("next.noWayBack")}`}
      </p>
    );
  }
  if (state === "awaits-approval")
    return <p className={styles.next}>{t(all.healthy > 0 ? "next.approve" : "next.unproven")}</p>;
  if (state !== "running" && state !== "done") return null;
  if (nextAt !== undefined && nextAt > Date.now())
    return <p className={styles.next}>{t("next.window", { time: format.inZone(nextAt, timeZone) })}</p>;
  if (all.underWay > 0) return <p className={styles.next}>{t("next.underWay", { count: all.underWay })}</p>;
  if (state === "done" && all.waits > 0) return <p className={styles.next}>{t("next.away", { count: all.waits })}</p>;
  return state === "running" ? <p className={styles.next}>{t("next.watched")}</p> : null;
}

const icon = { size: 16, stroke: 1.75, "aria-hidden": true };

function Decisions({ rollout, whole }: { rollout: RolloutShown; whole: boolean }) {
  const { t } = useTranslation("firmware");
  const navigate = useNavigate();
  const mayDecide = may(useMe().role, "manage-firmware");
  const { rolloutId, state, reason, wayBack, model, release } = rollout;
  const { mutate, isPending } = useFirmwareChange((what: RolloutDecision["do"]) =>
    decideOnRollout(rolloutId, { do: what }),
  );
  const about = { model, release };
  const button = (what: RolloutDecision["do"], image: ReactNode, look?: "filled" | "danger") => (
    <Button
      key={what}
      variant={look === "filled" ? "filled" : look === "danger" ? "light" : "default"}
      {...(look === "danger" ? { color: "stop" } : {})}
      leftSection={image}
      disabled={isPending}
      aria-label={t(`do.${what}Long`, about)}
      onClick={() => mutate(what)}
    >
      {t(`do.${what}`)}
    </Button>
  );
  const open = state !== "stopped" && state !== "replaced";
  return (
    <>
      {mayDecide && state === "running" && button("pause", <IconPlayerPause {...icon} />)}
      {mayDecide && state === "paused" && button("resume", <IconPlayerPlay {...icon} />, "filled")}
      {mayDecide && state === "awaits-approval" && button("approve", <IconCheck {...icon} />, "filled")}
      {mayDecide && whole && open && button("stop", undefined, "danger")}
      {mayDecide && (state === "stopped" || whole) && wayBack !== undefined
        ? button("go-back", <IconArrowBackUp {...icon} />, reason === "failures" ? "filled" : undefined)
        : null}
      {!whole && (
        <Button
          variant="default"
          aria-label={t("do.lookLong", about)}
          onClick={() => void navigate({ to: "/firmware/$rolloutId", params: { rolloutId } })}
        >
          {t(reason === "failures" ? "do.look" : "do.details")}
        </Button>
      )}
    </>
  );
}
