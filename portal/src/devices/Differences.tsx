import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { DeviceDetail, DifferenceDecision } from "#core/messages/device-api.ts";
import { decideDifference, deviceQuery } from "../api/device-queries.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { useInShort } from "./use-in-short.ts";

/** What was changed on the device itself, beside what is set here: to keep, or to drop. */
export function Differences({ device, mayDecide }: { device: DeviceDetail; mayDecide: boolean }) {
  const { t } = useTranslation("devices");
  const inShort = useInShort();
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: DifferenceDecision) => decideDifference(device.deviceId, decision),
    onSuccess: (next) => {
      queries.setQueryData(deviceQuery(device.deviceId).queryKey, next);
      void queries.invalidateQueries({ queryKey: ["devices"] });
    },
    onError: (error) => notifications.show({ color: "stop", message: t("one.notSaved", { why: error.message }) }),
  });
  return (
    <Card title={t("one.differences.title")}>
      <p className={styles.none}>{t("one.differences.text")}</p>
      {device.differences.map(({ field, here, onDevice }) => (
        <div key={field} className={styles.difference}>
          <strong>{t(`one.differences.field.${field}`)}</strong>
          <dl className={styles.facts}>
            <div>
              <dt>{t("one.differences.here")}</dt>
              <dd>{inShort(here)}</dd>
            </div>
            <div>
              <dt>{t("one.differences.onDevice")}</dt>
              <dd>{inShort(onDevice)}</dd>
            </div>
          </dl>
          {mayDecide && (
            <div className={styles.buttons}>
              <Button
                variant="default"
                disabled={decide.isPending}
                onClick={() => decide.mutate({ field, decision: "drop" })}
              >
                {t("one.differences.drop")}
              </Button>
              {field !== "timeZone" && (
                <Button disabled={decide.isPending} onClick={() => decide.mutate({ field, decision: "keep" })}>
                  {t("one.differences.keep")}
                </Button>
              )}
            </div>
          )}
        </div>
      ))}
    </Card>
  );
}
