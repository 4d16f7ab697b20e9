import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { EditDialog } from "./EditDialog.tsx";

interface ConfirmProps {
  title: string;
  /** What has to be typed. */
  name: string;
  /** What happens, before it does. */
  children: ReactNode;
  words: string;
  /** Rejects where it was not done; that was said already, and the dialog stays. */
  go: () => Promise<unknown>;
  close: () => void;
}

/** For what is not undone by another click: says what happens, and wants the name typed. */
export function ConfirmByName({ title, name, children, words, go, close }: ConfirmProps) {
  const { t } = useTranslation("devices");
  const [typed, setTyped] = useState("");
  return (
    <EditDialog
      title={title}
      close={close}
      save={go}
      submit={{ words, color: "stop", disabled: typed.trim() !== name }}
    >
      {children}
      <TextInput
        label={t("one.confirm.type", { name })}
        autoComplete="off"
        data-autofocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </EditDialog>
  );
}
