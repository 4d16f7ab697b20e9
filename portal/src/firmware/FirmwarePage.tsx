import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconRefreshDot } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { FirmwareOverview, RolloutShown } from "#core/messages/firmware-api.ts";
import { firmwareQuery } from "../api/firmware-queries.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { Card } from "../devices/Card.tsx";
import { useFormat } from "../i18n/format.ts";
import styles from "./Firmware.module.css";
import { HardwareTable } from "./HardwareTable.tsx";
import { topOf } from "./on-top.ts";
import { PolicyCard } from "./PolicyCard.tsx";
import { RolloutCard } from "./RolloutCard.tsx";

/** What is rolling out, what runs where, and what devices take by themselves. */
export function FirmwarePage() {
  const { t } = useTranslation("firmware");
  useDocumentTitle(`${t("page")} · Symphony Cloud`);
  const firmware = useQuery(firmwareQuery);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>{t("page")}</h1>
      </header>
      {firmware.data ? (
        <Overview overview={firmware.data} />
      ) : firmware.isError ? (
        <ErrorState title={t("failed")} error={firmware.error} again={() => void firmware.refetch()} />
      ) : null}
    </div>
  );
}

function Overview({ overview }: { overview: FirmwareOverview }) {
  const { t } = useTranslation("firmware");
  const navigate = useNavigate();
  const { hardware, rollouts, organisation } = overview;
  const onTop = topOf(rollouts);
  const past = rollouts.filter((one) => !onTop.includes(one));
  return (
    <Scrolling className={styles.content} aria-label={t("page")}>
      <div className={styles.main}>
        {onTop.map((rollout) => (
          <RolloutCard key={rollout.rolloutId} rollout={rollout} />
        ))}
        <Card title={t("hardware")}>
          {hardware.length > 0 ? (
            <HardwareTable hardware={hardware} rollouts={rollouts} approval={organisation.approval} />
          ) : (
            <EmptyState
              icon={<IconRefreshDot size={20} stroke={1.75} />}
              title={t("empty.title")}
              text={t("empty.text")}
              next={
                <Button variant="default" onClick={() => void navigate({ to: "/claim" })}>
                  {t("empty.next")}
                </Button>
              }
            />
          )}
        </Card>
      </div>
      <aside className={styles.side}>
        <PolicyCard overview={overview} />
        <Card title={t("past.title")}>
          <Past rollouts={past} />
        </Card>
      </aside>
    </Scrolling>
  );
}

function Past({ rollouts }: { rollouts: readonly RolloutShown[] }) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  if (rollouts.length === 0) return <p className={styles.none}>{t("past.none")}</p>;
  return (
    <ol className={styles.past}>
      {rollouts.map(({ rolloutId, model, release, state, reason, by, startedAt }) => (
        <li key={rolloutId}>
          <Link to="/firmware/$rolloutId" params={{ rolloutId }}>
            {t("past.line", { model, release })}
          </Link>
          <span>
            {t(`past.${state === "stopped" && reason === "failures" ? "stoppedByItself" : state}`)}
            {" · "}
            {by === undefined ? t("past.byItself") : by}
          </span>
          <time dateTime={new Date(startedAt).toISOString()}>{format.date(startedAt)}</time>
        </li>
      ))}
    </ol>
  );
}
