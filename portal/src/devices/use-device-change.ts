/** Saving a change of one device: what comes back is shown at once, and who was slower looks again. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { DeviceChange, DeviceDetail } from "#core/messages/device-api.ts";
import { changeDevice, deviceQuery } from "../api/device-queries.ts";
import { ApiError } from "../api/request.ts";

export type Parts = Omit<DeviceChange, "version">;
/** For who has nothing to undo where a change was not saved: that was said already. */
export const saidAlready = (): void => undefined;

/** Rejects where it was not saved; that was said already. */
export type ChangeDevice = (parts: Parts) => Promise<unknown>;

export function useDeviceChange({ deviceId, version, online }: DeviceDetail): ChangeDevice {
  const { t } = useTranslation("devices");
  const queries = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: (parts: Parts) => changeDevice(deviceId, { version, ...parts }),
    onSuccess: (device) => {
      queries.setQueryData(deviceQuery(deviceId).queryKey, device);
      void queries.invalidateQueries({ queryKey: ["devices"] });
      void queries.invalidateQueries({ queryKey: ["doors"] });
      notifications.show({ message: t(online ? "one.saved" : "one.savedOffline") });
    },
    onError: (error) => {
      const late = error instanceof ApiError && error.code === "changed-meanwhile";
      if (late) void queries.invalidateQueries({ queryKey: ["device", deviceId] });
      const why = late ? t("one.meanwhile") : error.message;
      notifications.show({ color: "stop", message: t("one.notSaved", { why }) });
    },
  });
  return mutateAsync;
}
