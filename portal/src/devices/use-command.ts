/** Asking a device to do something: whether it was told is said at once, how it went shows in what the device reports. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { CommandRequest } from "#core/messages/device-api.ts";
import { askDevice } from "../api/device-queries.ts";

export function useCommand(deviceId: string) {
  const { t } = useTranslation("devices");
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: CommandRequest) => askDevice(deviceId, asked),
    onSuccess({ state }, asked) {
      void queries.invalidateQueries({ queryKey: ["device", deviceId] });
      const away = state === "offline";
      notifications.show({
        ...(away ? { color: "stop" } : {}),
        message: t(away ? "one.command.away" : `one.command.${"restart" in asked ? asked.restart : asked.do}`),
      });
    },
    onError: (error) =>
      notifications.show({ color: "stop", message: t("one.command.notAsked", { why: error.message }) }),
  });
}
