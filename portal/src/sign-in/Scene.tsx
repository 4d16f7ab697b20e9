import { IconBellRinging, IconBrowser, IconLockOpen, IconPhone } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NightStreet } from "./NightStreet.tsx";
import styles from "./SignInPage.module.css";

/** The product in four lines with their times, before a street at night. */
export function Scene() {
  const { t, i18n } = useTranslation("signIn");
  const seconds = new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 1 });
  const line = (tone: "ring" | "talk" | "door", icon: ReactNode, words: string, after: number) => (
    <li>
      <span className={styles.step} data-tone={tone} aria-hidden>
        {icon}
      </span>
      {words}
      <time>{t("scene.seconds", { number: seconds.format(after) })}</time>
    </li>
  );
  const icon = { size: 16, stroke: 1.75 };
  return (
    <aside className={styles.scene}>
      <NightStreet label={t("scene.alt")} />
      <div className={styles.words}>
        <h2>
          {t("scene.title1")}
          <br />
          {t("scene.title2")}
        </h2>
        <ol>
          {line("ring", <IconBellRinging {...icon} />, t("scene.line1"), 0)}
          {line("ring", <IconBrowser {...icon} />, t("scene.line2"), 0.2)}
          {line("talk", <IconPhone {...icon} />, t("scene.line3"), 4.1)}
          {line("door", <IconLockOpen {...icon} />, t("scene.line4"), 9.6)}
        </ol>
      </div>
    </aside>
  );
}
