import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Initials } from "../design/Initials.tsx";
import styles from "./Facts.module.css";

/** What a mail's link holds out, line by line. */
export const Facts = ({ children }: { children: ReactNode }) => <dl className={styles.facts}>{children}</dl>;

export function Fact({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {icon}
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** As whom it is answered. */
export function Reader({ name }: { name: string }) {
  const { t } = useTranslation("invitation");
  return (
    <p className={styles.reader}>
      <Initials name={name} />
      {t("signedIn", { name })}
    </p>
  );
}
