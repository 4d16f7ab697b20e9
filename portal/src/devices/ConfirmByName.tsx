import { Button, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Device.module.css";

interface ConfirmProps {
  title: string;
  /** What has to be typed. */
  name: string;
  /** What happens, before it does. */
  children: ReactNode;
  words: string;
  busy: boolean;
  go: () => void;
  close: () => void;
}

/** For what is not undone by another click: says what happens, and wants the name typed. */
export function ConfirmByName({ title, name, children, words, busy, go, close }: ConfirmProps) {
  const { t } = useTranslation("devices");
  const [typed, setTyped] = useState("");
  const isIt = typed.trim() === name;
  return (
    <Modal opened onClose={close} title={title} centered closeButtonProps={{ "aria-label": t("one.cancel") }}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isIt) go();
        }}
      >
        {children}
        <TextInput
          label={t("one.confirm.type", { name })}
          autoComplete="off"
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <div className={styles.buttons}>
          <Button variant="default" onClick={close}>
            {t("one.cancel")}
          </Button>
          <Button type="submit" color="stop" disabled={!isIt} loading={busy}>
            {words}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
