import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { claimCode, printed } from "#core/device/claim-code.ts";
import styles from "../sign-in/SignInPage.module.css";
import { SignInPage } from "../sign-in/SignInPage.tsx";

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
      <form
        className={styles.form}
        style={{ paddingBottom: 0 }}
        onSubmit={(event) => {
          event.preventDefault();
          setChecked(true);
          if (whole.success) void navigate({ to: "/transfer", hash: `code=${printed(whole.data)}` });
        }}
      >
        <TextInput
          label={t("code")}
          placeholder="7K4M-PQ2D-88XV-3N6C"
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
      </form>
    </SignInPage>
  );
}
