import { ActionIcon, Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconArrowLeft, IconCpu } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type ClaimProgress, claimQuery, isOver, takesCalls } from "../api/claim-queries.ts";
import { deviceQuery } from "../api/device-queries.ts";
import { isNotFound } from "../api/request.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { FirmwareProgress } from "../devices/FirmwareProgress.tsx";
import { isUnderWay } from "../devices/update.ts";
import { running, useFormat } from "../i18n/format.ts";
import { useNow } from "../live/hooks.ts";
import styles from "./Claim.module.css";
import { ClaimSteps } from "./ClaimSteps.tsx";
import { EnterCode } from "./EnterCode.tsx";
import { Meanwhile } from "./Meanwhile.tsx";

/** From the box to the first call. The claim lives in the address: closing the page does no harm. */
export function ClaimPage() {
  const { t } = useTranslation("claim");
  useDocumentTitle(`${t("title")} · Symphony Cloud`);
  const { claim } = useSearch({ from: "/signed-in/claim" });
  return claim ? <UnderWay claimId={claim} /> : <Begin />;
}

function Begin() {
  const { t } = useTranslation("claim");
  return (
    <div className={styles.page}>
      <Top />
      <Scrolling className={styles.main} aria-label={t("title")}>
        <EnterCode />
      </Scrolling>
    </div>
  );
}

function UnderWay({ claimId }: { claimId: string }) {
  const { t } = useTranslation("claim");
  const claim = useQuery(claimQuery(claimId));
  if (claim.data) return <Progress claim={claim.data} />;
  if (!claim.isError) return null;
  if (isNotFound(claim.error)) return <EmptyState icon={<IconCpu size={20} stroke={1.75} />} title={t("gone")} />;
  return <ErrorState title={t("failed")} error={claim.error} again={() => void claim.refetch()} />;
}

function Progress({ claim }: { claim: ClaimProgress }) {
  const { t } = useTranslation("claim");
  const format = useFormat();
  const navigate = useNavigate();
  const { state, name, deviceId } = claim;
  const ready = takesCalls(claim) ? "ready" : "readyQuiet";
  const under = state === "ready" ? ready : state === "waiting" ? "waiting" : "other";
  return (
    <div className={styles.page}>
      <Top claim={claim} />
      <Scrolling className={styles.content} aria-label={t("title")}>
        <section className={styles.main}>
          <h2 aria-live="polite">{t(`heading.${state}`, { name })}</h2>
          {state !== "failed" && <p>{t(`under.${under}`, { time: format.clock(claim.expiresAt) })}</p>}
          <ClaimSteps claim={claim} />
          {state === "ready" && <FirmwareFollows deviceId={deviceId} />}
          <div className={styles.buttons}>
            {state === "ready" && (
              <Button onClick={() => void navigate({ to: "/devices/$deviceId", params: { deviceId } })}>
                {t("open", { name })}
              </Button>
            )}
            {isOver(claim) && (
              <Button
                variant={state === "failed" ? "filled" : "default"}
                onClick={() => void navigate({ to: "/claim", search: {} })}
              >
                {t(state === "failed" ? "again" : "another")}
              </Button>
            )}
          </div>
        </section>
        {state !== "failed" && (
          <aside className={styles.side}>
            <Meanwhile claim={claim} />
          </aside>
        )}
      </Scrolling>
    </div>
  );
}

/** The device works; a newer release comes in the background. */
function FirmwareFollows({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation("devices");
  const update = useQuery(deviceQuery(deviceId)).data?.update;
  if (!isUnderWay(update)) return null;
  return (
    <div className={styles.firmware}>
      <strong>{t("one.update.title", { release: update.release })}</strong>
      <FirmwareProgress update={update} />
    </div>
  );
}

function Top({ claim }: { claim?: ClaimProgress }) {
  const { t } = useTranslation("claim");
  return (
    <header className={styles.top}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("back")}
        renderRoot={(props) => <Link to="/devices" {...props} />}
      >
        <IconArrowLeft size={18} stroke={1.75} aria-hidden />
      </ActionIcon>
      <h1>{t("title")}</h1>
      {claim && !isOver(claim) && <Elapsed claim={claim} />}
    </header>
  );
}

/** Counts from the press at the device: until then it is a person who is waited for. */
function Elapsed({ claim }: { claim: ClaimProgress }) {
  const { t } = useTranslation("claim");
  const now = useNow(1_000);
  const since = claim.steps.find(({ step }) => step === "present")?.at;
  if (since === undefined) return null;
  return (
    <span className={styles.elapsed} aria-hidden>
      {t("elapsed", { time: running(now - since) })}
    </span>
  );
}
