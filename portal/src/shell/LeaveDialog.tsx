import { Button, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { leaveOrganisation } from "../api/organisations.ts";
import { ApiError } from "../api/request.ts";
import { Note } from "../sign-in/SignInPage.tsx";
import { useMe } from "./me.ts";
import styles from "./OrganisationMenu.module.css";
import { useLookAgain } from "./use-whereabouts.ts";

/** Nobody comes back by themselves, so it is asked once more. An organisation keeps an owner: the only one is told why not. */
export function LeaveDialog({ opened, close, onGo }: { opened: boolean; close: () => void; onGo?: () => void }) {
  const { t } = useTranslation("shell");
  const { organisation } = useMe();
  const lookAgain = useLookAgain();
  const leave = useMutation({
    mutationFn: async () => {
      await leaveOrganisation();
      await lookAgain();
    },
  });
  const onlyOwner = leave.error instanceof ApiError && leave.error.code === "last-owner";
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("organisation.title", { name: organisation.name })}
      centered
      closeButtonProps={{ "aria-label": t("organisation.cancel") }}
      onExitTransitionEnd={leave.reset}
    >
      <div className={styles.why}>
        <p>{t("organisation.text")}</p>
        {leave.isError && (
          <Note tone={onlyOwner ? "ring" : "stop"}>
            {t(onlyOwner ? "organisation.lastOwner" : "organisation.notLeft")}
          </Note>
        )}
      </div>
      <div className={styles.buttons}>
        <Button variant="default" onClick={close} data-autofocus>
          {t("organisation.cancel")}
        </Button>
        {onlyOwner ? (
          <Button component={Link} to="/people" onClick={onGo ?? close}>
            {t("organisation.people")}
          </Button>
        ) : (
          <Button color="stop" loading={leave.isPending} onClick={() => leave.mutate()}>
            {t("organisation.leave", { name: organisation.name })}
          </Button>
        )}
      </div>
    </Modal>
  );
}
