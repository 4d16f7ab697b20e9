import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { allowDevice, releaseDevice, revokeDevice } from "../api/device-queries.ts";
import { ConfirmByName } from "./ConfirmByName.tsx";
import styles from "./Device.module.css";
import { ShownOnce } from "./ShownOnce.tsx";

/** Taking a device's certificate away, letting it in again, and giving it up. */
export function TakeAway({ device: { deviceId, name, blocked } }: { device: DeviceDetail }) {
  const { t } = useTranslation("devices");
  const queries = useQueryClient();
  const [asks, setAsks] = useState<"revoke" | "release">();
  const lookAgain = () => {
    for (const queryKey of [["device", deviceId], ["devices"], ["doors"]]) void queries.invalidateQueries({ queryKey });
  };
  const onError = (error: Error) =>
    notifications.show({ color: "stop", message: t("one.notDone", { why: error.message }) });
  const revoke = useMutation({ mutationFn: () => revokeDevice(deviceId), onSuccess: lookAgain, onError });
  const allow = useMutation({ mutationFn: () => allowDevice(deviceId), onSuccess: lookAgain, onError });
  const release = useMutation({ mutationFn: () => releaseDevice(deviceId), onError });
  return (
    <>
      {blocked ? (
        <Button variant="default" loading={allow.isPending} onClick={() => allow.mutate()}>
          {t("one.allow")}
        </Button>
      ) : (
        <Button variant="default" c="var(--stop-t)" onClick={() => setAsks("revoke")}>
          {t("one.revoke.words")}
        </Button>
      )}
      <Button variant="default" c="var(--stop-t)" onClick={() => setAsks("release")}>
        {t("one.release.words")}
      </Button>
      {asks && (
        <ConfirmByName
          title={t(`one.${asks}.title`, { name })}
          name={name}
          words={t(`one.${asks}.words`)}
          go={() => (asks === "revoke" ? revoke : release).mutateAsync()}
          close={() => setAsks(undefined)}
        >
          <ul className={styles.consequences}>
            {(["one", "two", "three"] as const).map((one) => (
              <li key={one}>{t(`one.${asks}.${one}`)}</li>
            ))}
          </ul>
        </ConfirmByName>
      )}
      {release.data && <Released name={name} code={release.data.code} />}
    </>
  );
}

/** The fresh code, this once. The device is nobody's: its page is left with it. */
function Released({ name, code }: { name: string; code: string }) {
  const { t } = useTranslation("devices");
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <ShownOnce
      title={t("one.released.title", { name })}
      text={t("one.released.text")}
      code={code}
      noted={() => {
        void queries.invalidateQueries({ queryKey: ["devices"] });
        void queries.invalidateQueries({ queryKey: ["doors"] });
        void navigate({ to: "/devices" });
      }}
    />
  );
}
