import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSignOut } from "../shell/AccountMenu.tsx";
import { SignInPage } from "../sign-in/SignInPage.tsx";

/** Somebody is signed in who was invited and has not come in yet, or who left the last organisation they belonged to. */
export function NoOrganisation() {
  const { t } = useTranslation("invitation");
  const signOut = useSignOut();
  return (
    <SignInPage title={t("nowhere.title")} text={t("nowhere.text")}>
      <Button size="lg" fullWidth component={Link} to="/">
        {t("nowhere.again")}
      </Button>
      <Button size="md" fullWidth variant="default" onClick={signOut}>
        {t("nowhere.signOut")}
      </Button>
    </SignInPage>
  );
}
