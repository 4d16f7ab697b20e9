import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { deviceQuery, noteFailedUpdate } from "../api/device-queries.ts";
import styles from "./Device.module.css";

/** What can't work, and why. What is offline is said by its state, what was changed on it by its own card. */
export function Needs({ device, mayNote }: { device: DeviceDetail; mayNote: boolean }) {
  const { t } = useTranslation("devices");
  const queries = useQueryClient();
  const note = useMutation({
    mutationFn: () => noteFailedUpdate(device.deviceId),
    onSuccess: (noted) => {
      queries.setQueryData(deviceQuery(device.deviceId).queryKey, noted);
      void queries.invalidateQueries({ queryKey: ["devices"] });
    },
    onError: (error) => notifications.show({ color: "stop", message: t("one.notSaved", { why: error.message }) }),
  });
  const told = device.needs.filter((need) => need !== "offline" && need !== "changed-on-device");
  return told.map((need) => (
    <p key={need} className={styles.need} data-tone={need === "revoked" ? "stop" : "ring"}>
      <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
      {t(`one.needs.${need === "revoked" && !device.blocked ? "allowed" : need}`)}
      {need === "update-failed" && mayNote && (
        <Button variant="subtle" size="compact-sm" color="gray" loading={note.isPending} onClick={() => note.mutate()}>
          {t("one.needs.noted")}
        </Button>
      )}
    </p>
  ));
}
