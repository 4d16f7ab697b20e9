/** Deciding on firmware: what was done shows at once, what was not is said. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

/** @param change one that rejects where it was not taken: that was said already */
export function useFirmwareChange<Asked, Answer>(change: (asked: Asked) => Promise<Answer>) {
  const { t } = useTranslation("firmware");
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: ["firmware"] }),
    onError: (error) => notifications.show({ color: "stop", message: t("notSaved", { why: error.message }) }),
  });
}
