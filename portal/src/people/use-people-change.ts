/** Changing who belongs and gets where: what was done is said and shown at once, what was not is said with its reason. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/request.ts";

const told = [
  "belongs-already",
  "in-the-past",
  "last-owner",
  "name-taken",
  "no-such-invitation",
  "no-such-offer",
  "no-such-person",
  "no-such-team",
  "not-allowed",
  "not-found",
  "owner-already",
  "too-many-invitations",
  "unreachable",
] as const;

/** Why something was not done, in a sentence. */
export function useRefusal(): (error: Error) => string {
  const { t } = useTranslation("people");
  return (error) => {
    const code = error instanceof ApiError && told.find((one) => one === error.code);
    return code ? t(`why.${code}`) : error.message;
  };
}

/** Rejects where it was not done; that was said already. @param done what is said where it was */
export function usePeopleChange<Asked>(
  change: (asked: Asked) => Promise<unknown>,
  done: (asked: Asked) => string | undefined,
) {
  const { t } = useTranslation("people");
  const queries = useQueryClient();
  const refusal = useRefusal();
  return useMutation({
    mutationFn: change,
    onSuccess(_, asked) {
      const message = done(asked);
      if (message) notifications.show({ message });
    },
    onError: (error) => notifications.show({ color: "stop", message: t("notDone", { why: refusal(error) }) }),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["people"] }),
        queries.invalidateQueries({ queryKey: ["audit"] }),
      ]),
  });
}
