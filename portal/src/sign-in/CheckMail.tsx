import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import styles from "./SignInPage.module.css";
import { Note, SignInPage } from "./SignInPage.tsx";
import { useProblem } from "./use-problem.ts";

/** A mail is on its way. @param next the page to go on with after signing in */
export function CheckMail(props: { text: string; sendAgain: () => Promise<void>; next?: string | undefined }) {
  const { text, sendAgain, next } = props;
  const { t } = useTranslation("signIn");
  const again = useMutation({ mutationFn: sendAgain });
  const problem = useProblem(again.error);
  return (
    <SignInPage title={t("mail.title")} text={text}>
      <p className={styles.quiet}>{t("mail.hint")}</p>
      {problem && <Note tone={problem.wait > 0 ? "ring" : "stop"}>{problem.text}</Note>}
      <Button
        variant="default"
        size="md"
        fullWidth
        loading={again.isPending}
        disabled={again.isSuccess || (problem?.wait ?? 0) > 0}
        onClick={() => again.mutate()}
      >
        <span aria-live="polite">{again.isSuccess ? t("mail.sent") : t("mail.again")}</span>
      </Button>
      <Link to="/sign-in" search={next ? { next } : {}} className={styles.link}>
        {t("mail.back")}
      </Link>
    </SignInPage>
  );
}
