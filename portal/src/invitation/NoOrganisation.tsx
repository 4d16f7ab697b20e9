import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { foundOrganisation } from "../api/organisations.ts";
import { useSignOut } from "../shell/AccountMenu.tsx";
import { Note, Question, SignInPage } from "../sign-in/SignInPage.tsx";
import { useProblem } from "../sign-in/use-problem.ts";

/**
 * Somebody is signed in who was invited and has not come in yet, or who left the last organisation they belonged to: they
 * come in by an invitation, or found one of their own.
 */
export function NoOrganisation() {
  const { t } = useTranslation("invitation");
  const signOut = useSignOut();
  return (
    <SignInPage title={t("nowhere.title")} text={t("nowhere.text")}>
      <Button size="lg" fullWidth component={Link} to="/">
        {t("nowhere.again")}
      </Button>
      <Founding />
      <Button size="md" fullWidth variant="subtle" color="gray" onClick={signOut}>
        {t("nowhere.signOut")}
      </Button>
    </SignInPage>
  );
}

function Founding() {
  const { t } = useTranslation("invitation");
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const found = useMutation({
    mutationFn: () => foundOrganisation(name.trim()),
    onSuccess: () => navigate({ to: "/" }),
  });
  const problem = useProblem(found.error);
  return (
    <Question
      onSubmit={() => {
        if (name.trim()) found.mutate();
      }}
    >
      <TextInput
        label={t("nowhere.name")}
        autoComplete="organization"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {problem && <Note tone={problem.wait > 0 ? "ring" : "stop"}>{problem.text}</Note>}
      <Button type="submit" size="md" fullWidth variant="default" loading={found.isPending} disabled={!name.trim()}>
        {t("nowhere.found")}
      </Button>
    </Question>
  );
}
