import { Menu, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconChevronDown, IconLanguage } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { healthQuery } from "../api/queries.ts";
import { Mark } from "../design/Mark.tsx";
import { StatusDot } from "../design/StatusDot.tsx";
import { chooseLanguage, isLanguage, languages } from "../i18n/index.ts";
import { Scene } from "./Scene.tsx";
import styles from "./SignInPage.module.css";

/** The frame of every page before signing in: what is asked to the left, what the product does to the right. */
export function SignInPage(props: { title: string; text?: string; children: ReactNode }) {
  return (
    <div className={styles.page}>
      <div className={styles.side}>
        <header className={styles.brand}>
          <Mark size={28} />
          Symphony Cloud
        </header>
        <main className={styles.main}>
          <div className={styles.head}>
            <h1>{props.title}</h1>
            {props.text && <p>{props.text}</p>}
          </div>
          {props.children}
        </main>
        <footer className={styles.foot}>
          <LanguageMenu />
          <ServiceState />
        </footer>
      </div>
      <Scene />
    </div>
  );
}

function LanguageMenu() {
  const { t, i18n } = useTranslation("signIn");
  const current = isLanguage(i18n.language) ? i18n.language : "en";
  return (
    <Menu position="top-start" width={180}>
      <Menu.Target>
        <UnstyledButton mih={32} aria-label={`${t("language")}: ${languages[current]}`}>
          <span className={styles.service} style={{ color: "inherit", fontSize: "0.8125rem", gap: 8 }}>
            <IconLanguage size={16} stroke={1.75} aria-hidden />
            {languages[current]}
            <IconChevronDown size={16} stroke={1.75} aria-hidden />
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(languages).map(([tag, name]) => (
          <Menu.Item key={tag} lang={tag} onClick={() => isLanguage(tag) && void chooseLanguage(tag)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ServiceState() {
  const { t } = useTranslation("signIn");
  const health = useQuery(healthQuery);
  if (health.isPending) return <span />;
  const state = health.isError ? "unreachable" : health.data;
  return (
    <span className={styles.service}>
      <StatusDot status={state === "ok" ? "online" : "fault"} label={t(`status.${state}`)} />
      <span aria-hidden>{t(`status.${state}`)}</span>
    </span>
  );
}

interface QuestionProps {
  onSubmit: () => void;
  /** Says by itself what is missing, instead of the browser. */
  noValidate?: boolean;
  children: ReactNode;
}

/** A form on such a page. */
export function Question({ onSubmit, noValidate, children }: QuestionProps) {
  return (
    <form
      className={styles.form}
      noValidate={noValidate}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** What went wrong, above the button. Read out at once. */
export function Note({ children, tone = "stop" }: { children: ReactNode; tone?: "stop" | "ring" }) {
  return (
    <div className={styles.note} data-tone={tone} role="alert">
      <IconAlertCircle size={16} stroke={1.75} aria-hidden />
      <span>{children}</span>
    </div>
  );
}
