import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { signInByPassword } from "../api/auth.ts";
import { EmailField, isEmail, PasswordField } from "./fields.tsx";
import { goOn, leadsToInvitation } from "./next.ts";
import styles from "./SignInPage.module.css";
import { Note, Question, SignInPage } from "./SignInPage.tsx";
import { useProblem } from "./use-problem.ts";

export function SignIn() {
  const { t } = useTranslation("signIn");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { next, email: known = "" } = useSearch({ from: "/sign-in" });
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const signIn = useMutation({
    mutationFn: () => signInByPassword(email.trim(), password, next),
    onSuccess: async () => {
      // Nothing of whoever was signed in before may show.
      queries.clear();
      await navigate({ href: goOn(next) });
    },
  });
  const problem = useProblem(signIn.error);
  return (
    <SignInPage title={t("title")} text={t("subtitle")}>
      <Question
        noValidate
        onSubmit={() => {
          setChecked(true);
          if (isEmail(email) && password) signIn.mutate();
        }}
      >
        <EmailField value={email} onChange={setEmail} checked={checked} autoFocus={!known} />
        <PasswordField
          label={t("password")}
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          autoFocus={known !== ""}
          error={checked && !password ? t("error.required") : undefined}
          beside={
            <Link to="/forgotten" search={email ? { email } : {}} className={styles.link}>
              {t("forgotten")}
            </Link>
          }
        />
        {problem && <Note tone={problem.wait > 0 ? "ring" : "stop"}>{problem.text}</Note>}
        <Button type="submit" size="lg" fullWidth loading={signIn.isPending} disabled={(problem?.wait ?? 0) > 0}>
          {t("submit")}
        </Button>
      </Question>
      <p className={styles.quiet}>
        {t("newHere")}{" "}
        <Link to="/sign-up" search={leadsToInvitation(next) ? { next, email } : {}} className={styles.link}>
          {t(leadsToInvitation(next) ? "createAccount" : "create")}
        </Link>
      </p>
    </SignInPage>
  );
}
