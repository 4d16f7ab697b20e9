import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { OrganisationId } from "#core/messages/values.ts";
import { enterOrganisation } from "../api/organisations.ts";
import { useLivePart } from "../live/hooks.ts";
import { useMe } from "./me.ts";
import { useLookAgain } from "./use-whereabouts.ts";

/** Working in another organisation. Not out of a call: its room is in the one that is left. */
export function useEnter(): {
  enter: (one: { organisationId: OrganisationId }) => void;
  /** Where to, while it is under way. */
  entering: OrganisationId | undefined;
  inCall: boolean;
} {
  const { t } = useTranslation("shell");
  const { organisation } = useMe();
  const lookAgain = useLookAgain();
  const inCall = useLivePart((live) => live.call !== undefined && live.call.phase !== "ended");
  const entering = useMutation({
    mutationFn: async ({ organisationId }: { organisationId: OrganisationId }) => {
      await enterOrganisation(organisationId);
      await lookAgain();
    },
    onError: () =>
      notifications.show({ color: "stop", message: t("organisation.notEntered", { name: organisation.name }) }),
  });
  return {
    enter: entering.mutate,
    entering: entering.isPending ? entering.variables.organisationId : undefined,
    inCall,
  };
}
