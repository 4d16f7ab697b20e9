import { Button, CopyButton, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./Device.module.css";

/** A code that is kept nowhere: it stays until somebody says that they noted it. */
export function ShownOnce(props: { title: string; text: string; code: string; noted: () => void }) {
  const { t } = useTranslation("devices");
  const { title, text, code, noted } = props;
  return (
    <Modal opened onClose={noted} closeOnClickOutside={false} withCloseButton={false} title={title} centered>
      <div className={styles.form}>
        <p>{text}</p>
        <code className={styles.code}>{code}</code>
        <div className={styles.buttons}>
          <CopyButton value={code}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? "one.released.copied" : "one.released.copy")}
              </Button>
            )}
          </CopyButton>
          <Button onClick={noted}>{t("one.released.noted")}</Button>
        </div>
      </div>
    </Modal>
  );
}
