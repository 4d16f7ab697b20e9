import {
  IconAdjustmentsHorizontal,
  IconCertificate,
  IconCheck,
  IconCircleCheck,
  IconHandClick,
  IconQrcode,
  IconShieldCheck,
  IconX,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type ClaimProgress, isHandedOver, takesCalls } from "../api/claim-queries.ts";
import { deviceQuery } from "../api/device-queries.ts";
import { running, useFormat } from "../i18n/format.ts";
import styles from "./Claim.module.css";

const all = ["accepted", "present", "enrolled", "configured", "ready"] as const;
const icons = {
  accepted: IconQrcode,
  present: IconHandClick,
  enrolled: IconShieldCheck,
  configured: IconAdjustmentsHorizontal,
  ready: IconCircleCheck,
};

/** From the code to the first call, each step with its time. A failed one says what to do next. */
export function ClaimSteps({ claim }: { claim: ClaimProgress }) {
  const { t } = useTranslation("claim");
  const times = new Map(claim.steps.map(({ step, at }) => [step, at]));
  const handedOver = isHandedOver(claim);
  const rings = takesCalls(claim);
  const shown = all.filter((step) => step !== "present" || !handedOver);
  const began = times.get("accepted") ?? 0;
  const next = claim.state === "failed" ? undefined : shown.find((step) => !times.has(step));
  const failedAt = claim.state === "failed" ? shown.find((step) => !times.has(step)) : undefined;
  return (
    <ol className={styles.steps}>
      {shown.map((step) => {
        const at = times.get(step);
        const Icon = icons[step];
        const state = at !== undefined ? "done" : step === failedAt ? "failed" : step === next ? "now" : "waits";
        return (
          <li key={step} data-state={state} aria-current={state === "now" ? "step" : undefined}>
            <span className={styles.mark} aria-hidden>
              {state === "done" ? (
                <IconCheck size={18} stroke={2} />
              ) : state === "failed" ? (
                <IconX size={18} stroke={2} />
              ) : (
                <Icon size={18} stroke={1.75} />
              )}
            </span>
            <div className={styles.words}>
              <strong>{t(`step.${step === "accepted" && handedOver ? "handedOver" : step}`)}</strong>
              <span>{state === "failed" && claim.reason ? t(`failure.${claim.reason}`) : line(step, at)}</span>
              {step === "enrolled" && at !== undefined && <Certificate deviceId={claim.deviceId} />}
            </div>
            {at !== undefined && <time>{running(at - began)}</time>}
          </li>
        );
      })}
    </ol>
  );

  function line(step: (typeof all)[number], at: number | undefined): ReactNode {
    if (step === "accepted") return t("step.acceptedText", { model: claim.model, serial: claim.serial });
    if (step === "ready" && !rings) return t(at === undefined ? "step.readyQuietWaits" : "step.readyQuietText");
    return at === undefined ? t(`step.${step}Waits`) : t(`step.${step}Text`);
  }
}

/** The identity the device got, as a card. */
function Certificate({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation("claim");
  const format = useFormat();
  // What was fetched before it was enrolled knows of no certificate: it is looked for until it is there.
  const device = useQuery({
    ...deviceQuery(deviceId),
    refetchInterval: ({ state: { data } }) => (data?.certificate ? false : 1_000),
  });
  const certificate = device.data?.certificate;
  if (!certificate) return null;
  return (
    <div className={styles.certificate}>
      <IconCertificate size={18} stroke={1.75} aria-hidden />
      <span>
        <strong>{t("step.certificate", { date: format.longDate(certificate.until) })}</strong>
        <small>{t("step.certificateText")}</small>
      </span>
    </div>
  );
}
