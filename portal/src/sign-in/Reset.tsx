import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { passwordLength, resetPassword } from "../api/auth.ts";
import { PasswordField } from "./fields.tsx";
import styles from "./SignInPage.module.css";
import { Note, Question, SignInPage } from "./SignInPage.tsx";
import { useProblem } from "./use-problem.ts";

/** Where the link in the mail about a forgotten password leads. */
export function Reset() {
  const { t } = useTranslation("signIn");
  const navigate = useNavigate();
  const { token, error } = useSearch({ from: "/reset" });
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const set = useMutation({ mutationFn: () => resetPassword(token ?? "", password) });
  const problem = useProblem(set.error);
  const short = password.length < passwordLength;
  if (set.isSuccess) {
    return (
      <SignInPage title={t("reset.done")} text={t("reset.doneText")}>
        <Button size="lg" fullWidth autoFocus onClick={() => void navigate({ to: "/sign-in" })}>
          {t("submit")}
        </Button>
      </SignInPage>
    );
  }
  if (error || !token) {
    return (
      <SignInPage title={t("reset.title")}>
        <Note>{t("error.token")}</Note>
        <Link to="/forgotten" className={styles.link}>
          {t("forgot.submit")}
        </Link>
      </SignInPage>
    );
  }
  return (
    <SignInPage title={t("reset.title")} text={t("reset.subtitle")}>
      <Question
        noValidate
        onSubmit={() => {
          setChecked(true);
          if (!short) set.mutate();
        }}
      >
        <PasswordField
          label={t("reset.password")}
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
          autoFocus
          hint={t("signUp.passwordHint", { count: passwordLength })}
          error={checked && short ? t("error.passwordShort", { count: passwordLength }) : undefined}
        />
        {problem && <Note tone={problem.wait > 0 ? "ring" : "stop"}>{problem.text}</Note>}
        <Button type="submit" size="lg" fullWidth loading={set.isPending} disabled={(problem?.wait ?? 0) > 0}>
          {t("reset.submit")}
        </Button>
      </Question>
    </SignInPage>
  );
}
