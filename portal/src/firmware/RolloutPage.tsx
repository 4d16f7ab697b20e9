import { useDocumentTitle } from "@mantine/hooks";
import { IconRefreshDot } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ChangeLine } from "#core/messages/device-api.ts";
import type { RolloutDetail } from "#core/messages/firmware-api.ts";
import { rolloutQuery } from "../api/firmware-queries.ts";
import { isNotFound } from "../api/request.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { StatusDot } from "../design/StatusDot.tsx";
import { Card } from "../devices/Card.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import styles from "./Firmware.module.css";
import { RolloutCard } from "./RolloutCard.tsx";

/** One rollout: how each device fares, and who decided what. */
export function RolloutPage() {
  const { t } = useTranslation("firmware");
  const { rolloutId } = useParams({ from: "/signed-in/firmware/$rolloutId" });
  const rollout = useQuery(rolloutQuery(rolloutId));
  useDocumentTitle(`${t("page")} · Symphony Cloud`);
  if (rollout.data) return <Rollout rollout={rollout.data} />;
  if (!rollout.isError) return null;
  if (isNotFound(rollout.error))
    return <EmptyState icon={<IconRefreshDot size={20} stroke={1.75} />} title={t("gone")} text={t("goneText")} />;
  return <ErrorState title={t("failed")} error={rollout.error} again={() => void rollout.refetch()} />;
}

function Rollout({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation("firmware");
  const { model, release, devices, changes } = rollout;
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <p className={styles.path}>
          <Link to="/firmware">{t("page")}</Link>
        </p>
        <h1>{t("past.line", { model, release })}</h1>
      </header>
      <Scrolling className={styles.content} aria-label={t("past.line", { model, release })}>
        <div className={styles.main}>
          <RolloutCard rollout={rollout} whole />
          <Card title={t("devices")}>
            <Devices devices={devices} steps={rollout.steps} />
          </Card>
        </div>
        <aside className={styles.side}>
          <Card title={t("history.title")}>
            <ol className={styles.past}>
              {changes.map((line) => (
                <Line key={line.id} line={line} />
              ))}
            </ol>
          </Card>
        </aside>
      </Scrolling>
    </div>
  );
}

function Devices({ devices, steps }: Pick<RolloutDetail, "devices" | "steps">) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t("column.name")}</th>
          <th scope="col">{t("column.site")}</th>
          <th scope="col">{t("column.step")}</th>
          <th scope="col">{t("column.state")}</th>
          <th scope="col">{t("column.since")}</th>
        </tr>
      </thead>
      <tbody>
        {devices.map(({ deviceId, name, site, step, state, failure, detail, since, online }) => (
          <tr key={deviceId}>
            <th scope="row">
              <Link to="/devices/$deviceId" params={{ deviceId }} className={styles.link}>
                {name}
              </Link>
            </th>
            <td>{site}</td>
            <td>{format.percent((steps[step]?.percent ?? 100) / 100)}</td>
            <td data-tone={state === "failed" ? "stop" : undefined}>
              <span className={styles.state}>
                <StatusDot
                  status={state === "failed" ? "fault" : online ? "online" : "offline"}
                  label={t(online ? "online" : "offline")}
                />
                {failure ? t(`failure.${failure}`) : t(`state.${state}`)}
              </span>
              {detail && <small>{detail}</small>}
            </td>
            <td>
              <time dateTime={new Date(since).toISOString()}>{format.dateClock(since)}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const known = ["begin", "pause", "resume", "approve", "stop", "move"] as const;

function Line({ line: { at, by, action, after } }: { line: ChangeLine }) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  const me = useMe();
  const what = known.find((one) => action === `${one}-rollout`);
  const who = by ? (by.userId === me.user.id ? t("history.you") : by.name) : t("history.itself");
  const state = what === "move" ? movedTo(after) : undefined;
  return (
    <li>
      <strong>{who}</strong>
      <span>{state ? t(`history.moved.${state}`) : what ? t(`history.${what}`) : t("history.goBack")}</span>
      <time dateTime={new Date(at).toISOString()}>{format.dateClock(at)}</time>
    </li>
  );
}

const movedStates = ["running", "awaits-approval", "done", "stopped"] as const;

/** What it came to by itself, out of the audit. */
function movedTo(after: unknown): (typeof movedStates)[number] | undefined {
  if (typeof after !== "object" || after === null || !("state" in after)) return undefined;
  const { state } = after;
  return movedStates.find((one) => one === state);
}
