import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Device.module.css";

interface EditProps {
  title: string;
  close: () => void;
  /** Rejects where it was not saved; that was said already, and the dialog stays. */
  save: () => Promise<unknown>;
  /** What saving is called here, and whether it can be done yet. */
  submit?: { words: string; color?: string; disabled?: boolean } | undefined;
  /** Takes the thing away. Absent: it is new. */
  remove?: { words: string; go: () => Promise<unknown> } | undefined;
  children: ReactNode;
}

/** One thing being made or changed. What is typed stays until it is saved. */
export function EditDialog({ title, close, save, submit, remove, children }: EditProps) {
  const { t } = useTranslation("devices");
  const [busy, setBusy] = useState(false);
  const run = (act: () => Promise<unknown>) => {
    setBusy(true);
    act().then(close, () => setBusy(false));
  };
  return (
    <Modal opened onClose={close} title={title} centered closeButtonProps={{ "aria-label": t("one.cancel") }}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          run(save);
        }}
      >
        {children}
        <div className={styles.buttons}>
          {remove && (
            <Button variant="light" color="stop" mr="auto" disabled={busy} onClick={() => run(remove.go)}>
              {remove.words}
            </Button>
          )}
          <Button variant="default" onClick={close}>
            {t("one.cancel")}
          </Button>
          <Button type="submit" color={submit?.color} disabled={submit?.disabled} loading={busy}>
            {submit?.words ?? t("one.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
