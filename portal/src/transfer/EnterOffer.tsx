import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { claimCode, exampleCode, printed } from "#core/device/claim-code.ts";
import { Question, SignInPage } from "../sign-in/SignInPage.tsx";

/** The code, where no link brought it or one that is cut off. */
export function EnterOffer({ cutOff }: { cutOff: boolean }) {
  const { t } = useTranslation("transfer");
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [checked, setChecked] = useState(false);
  const whole = claimCode.safeParse(typed);
  const why = cutOff ? "cutOff" : "enter";
  return (
    <SignInPage title={t(`${why}.title`)} text={t(`${why}.text`)}>
      <Question
        onSubmit={() => {
          setChecked(true);
          if (whole.success) void navigate({ to: "/transfer", hash: `code=${printed(whole.data)}` });
        }}
      >
        <TextInput
          label={t("code")}
          placeholder={exampleCode}
          autoComplete="off"
          autoCapitalize="characters"
          autoFocus
          spellCheck={false}
          maxLength={40}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={checked && !whole.success ? t("mistyped") : undefined}
        />
        <Button type="submit" size="lg" fullWidth>
          {t("look")}
        </Button>
      </Question>
    </SignInPage>
  );
}
