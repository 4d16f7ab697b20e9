import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { passwordLength, sendVerification, signUp } from "../api/auth.ts";
import { CheckMail } from "./CheckMail.tsx";
import { EmailField, isEmail, PasswordField } from "./fields.tsx";
import { leadsToInvitation } from "./next.ts";
import styles from "./SignInPage.module.css";
import { Note, Question, SignInPage } from "./SignInPage.tsx";
import { useProblem } from "./use-problem.ts";

export function SignUp() {
  const { t } = useTranslation("signIn");
  const { next, email: known = "" } = useSearch({ from: "/sign-up" });
  const invited = leadsToInvitation(next);
  const [wanted, setWanted] = useState({ organisation: "", name: "", email: known, password: "" });
  const [checked, setChecked] = useState(false);
  const create = useMutation({
    mutationFn: () => {
      const { organisation, ...person } = { ...wanted, email: wanted.email.trim() };
      return signUp(invited ? person : { ...person, organisation }, next);
    },
  });
  const problem = useProblem(create.error);
  const set = (part: Partial<typeof wanted>) => setWanted((before) => ({ ...before, ...part }));
  const missing = (value: string) => (checked && !value.trim() ? t("error.required") : undefined);
  const complete =
    (invited || wanted.organisation.trim()) &&
    wanted.name.trim() &&
    isEmail(wanted.email) &&
    wanted.password.length >= passwordLength;

  if (create.isSuccess) {
    return (
      <CheckMail
        text={t("mail.text", { email: wanted.email })}
        sendAgain={() => sendVerification(wanted.email.trim(), next)}
        next={next}
      />
    );
  }
  return (
    <SignInPage
      title={t(invited ? "signUp.invitedTitle" : "signUp.title")}
      text={t(invited ? "signUp.invitedSubtitle" : "signUp.subtitle")}
    >
      <Question
        noValidate
        onSubmit={() => {
          setChecked(true);
          if (complete) create.mutate();
        }}
      >
        {!invited && (
          <TextInput
            label={t("signUp.organisation")}
            description={t("signUp.organisationHint")}
            inputWrapperOrder={["label", "input", "error", "description"]}
            autoComplete="organization"
            autoFocus
            maxLength={200}
            value={wanted.organisation}
            onChange={(event) => set({ organisation: event.currentTarget.value })}
            error={missing(wanted.organisation)}
          />
        )}
        <TextInput
          label={t("signUp.name")}
          autoComplete="name"
          autoFocus={invited}
          maxLength={200}
          value={wanted.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={missing(wanted.name)}
        />
        <EmailField value={wanted.email} onChange={(email) => set({ email })} checked={checked} />
        <PasswordField
          label={t("password")}
          value={wanted.password}
          onChange={(password) => set({ password })}
          autoComplete="new-password"
          hint={t("signUp.passwordHint", { count: passwordLength })}
          error={
            checked && wanted.password.length < passwordLength
              ? t("error.passwordShort", { count: passwordLength })
              : undefined
          }
        />
        {problem && <Note tone={problem.wait > 0 ? "ring" : "stop"}>{problem.text}</Note>}
        <Button type="submit" size="lg" fullWidth loading={create.isPending} disabled={(problem?.wait ?? 0) > 0}>
          {t("signUp.submit")}
        </Button>
      </Question>
      <p className={styles.quiet}>
        {t("signUp.have")}{" "}
        <Link to="/sign-in" search={invited ? { next, email: wanted.email } : {}} className={styles.link}>
          {t("signUp.signIn")}
        </Link>
      </p>
    </SignInPage>
  );
}
