import { Button } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import styles from "./SignInPage.module.css";
import { Note, SignInPage } from "./SignInPage.tsx";

/** Where the link in the confirmation mail leads. */
export function Verified() {
  const { t } = useTranslation("signIn");
  const navigate = useNavigate();
  const { error, next } = useSearch({ from: "/verify" });
  const search = next ? { next } : {};
  if (error) {
    return (
      <SignInPage title={t("verify.failed")}>
        <Note>{t("verify.again")}</Note>
        <Link to="/sign-in" search={search} className={styles.link}>
          {t("mail.back")}
        </Link>
      </SignInPage>
    );
  }
  return (
    <SignInPage title={t("verify.done")} text={t("verify.doneText")}>
      <Button size="lg" fullWidth autoFocus onClick={() => void navigate({ to: "/sign-in", search })}>
        {t("submit")}
      </Button>
    </SignInPage>
  );
}
