import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sendPasswordReset } from "../api/auth.ts";
import { CheckMail } from "./CheckMail.tsx";
import { EmailField, isEmail } from "./fields.tsx";
import styles from "./SignInPage.module.css";
import { Note, Question, SignInPage } from "./SignInPage.tsx";
import { useProblem } from "./use-problem.ts";

/** Asks for a link to choose a new password. */
export function Forgotten() {
  const { t } = useTranslation("signIn");
  const search = useSearch({ from: "/forgotten" });
  const [email, setEmail] = useState(search.email ?? "");
  const [checked, setChecked] = useState(false);
  const ask = useMutation({ mutationFn: () => sendPasswordReset(email.trim()) });
  const problem = useProblem(ask.error);
  if (ask.isSuccess) {
    return <CheckMail text={t("mail.resetText", { email })} sendAgain={() => sendPasswordReset(email.trim())} />;
  }
  return (
    <SignInPage title={t("forgot.title")} text={t("forgot.subtitle")}>
      <Question
        noValidate
        onSubmit={() => {
          setChecked(true);
          if (isEmail(email)) ask.mutate();
        }}
      >
        <EmailField value={email} onChange={setEmail} checked={checked} autoFocus />
        {problem && <Note tone={problem.wait > 0 ? "ring" : "stop"}>{problem.text}</Note>}
        <Button type="submit" size="lg" fullWidth loading={ask.isPending} disabled={(problem?.wait ?? 0) > 0}>
          {t("forgot.submit")}
        </Button>
      </Question>
      <Link to="/sign-in" className={styles.link}>
        {t("mail.back")}
      </Link>
    </SignInPage>
  );
}
