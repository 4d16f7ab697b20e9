import { PasswordInput, TextInput } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import styles from "./SignInPage.module.css";

/** Loose on purpose: the mail that arrives is the proof. */
export const isEmail = (text: string): boolean => /^\S+@\S+\.\S+$/.test(text.trim());

export function EmailField(props: {
  value: string;
  onChange: (value: string) => void;
  /** The form was sent once: now say what is missing. */
  checked: boolean;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation("signIn");
  return (
    <TextInput
      label={t("email")}
      type="email"
      autoComplete="username"
      autoFocus={props.autoFocus}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={props.checked && !isEmail(props.value) ? t("error.emailInvalid") : undefined}
    />
  );
}

export function PasswordField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: "current-password" | "new-password";
  error?: string;
  hint?: string;
  /** At the right end of the label's line. */
  beside?: ReactNode;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation("signIn");
  const id = useId();
  return (
    <div>
      <div className={styles.labelRow}>
        <label htmlFor={id} className="mantine-InputWrapper-label">
          {props.label}
        </label>
        {props.beside}
      </div>
      <PasswordInput
        id={id}
        autoComplete={props.autoComplete}
        autoFocus={props.autoFocus}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        error={props.error}
        description={props.error === props.hint ? undefined : props.hint}
        inputWrapperOrder={["input", "error", "description"]}
        visibilityToggleIcon={({ reveal }) =>
          reveal ? <IconEyeOff size={16} stroke={1.75} /> : <IconEye size={16} stroke={1.75} />
        }
        visibilityToggleButtonProps={{ "aria-label": t("showPassword"), tabIndex: 0, "aria-hidden": false }}
      />
    </div>
  );
}
