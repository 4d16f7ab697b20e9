import { Button } from "@mantine/core";
import { IconBell, IconCamera, IconLock, IconMicrophone, IconRoute, IconVolume } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import styles from "./CheckPage.module.css";
import { type CheckName, checkNames, isGood } from "./checks.ts";
import { type Checks, useChecks } from "./use-checks.ts";
import { wordsOf } from "./words.ts";

const icons: Record<CheckName, ReactNode> = {
  secure: <IconLock size={18} stroke={1.75} />,
  microphone: <IconMicrophone size={18} stroke={1.75} />,
  camera: <IconCamera size={18} stroke={1.75} />,
  sound: <IconVolume size={18} stroke={1.75} />,
  notifications: <IconBell size={18} stroke={1.75} />,
  udp: <IconRoute size={18} stroke={1.75} />,
};

/** What a call needs of this browser: tried, told in words, and how to mend what fails. */
export function CheckPage() {
  const { t } = useTranslation("calls");
  const checks = useChecks();
  const done = checkNames.filter((name) => checks.results[name]);
  const bad = done.filter((name) => !isGood(checks.results[name]));
  const busy = checks.running.size > 0;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1>{t("check.title")}</h1>
          <p role="status">
            {done.length < checkNames.length || busy
              ? t("check.intro")
              : bad.length === 0
                ? t("check.allGood")
                : t("check.some", { count: bad.length })}
          </p>
        </div>
        <Button h={40} loading={busy} onClick={checks.runAll}>
          {t(done.length === 0 ? "check.all" : "check.again")}
        </Button>
      </header>
      <ul className={styles.list}>
        {checkNames.map((name) => (
          <Row key={name} name={name} checks={checks} />
        ))}
      </ul>
    </div>
  );
}

function Row({ name, checks }: { name: CheckName; checks: Checks }) {
  const { t } = useTranslation("calls");
  const result = checks.results[name];
  const running = checks.running.has(name);
  const words = result && wordsOf(t, result);
  const state = running
    ? "running"
    : !result
      ? "waiting"
      : isGood(result)
        ? "ok"
        : result.outcome === "ask"
          ? "ask"
          : "failed";
  return (
    <li className={styles.row} data-state={state}>
      <span className={styles.icon} aria-hidden>
        {icons[name]}
      </span>
      <div className={styles.words}>
        <h2>{t(`check.${name}.name`)}</h2>
        {words && !running && <p>{words.found}</p>}
        {words?.mend && !running && <p className={styles.mend}>{words.mend}</p>}
        {name === "microphone" && running && (
          <meter
            className={styles.level}
            min={0}
            max={1}
            value={checks.level}
            aria-label={t("check.microphone.level")}
          />
        )}
      </div>
      {state === "ask" && name === "sound" && (
        <span className={styles.answers}>
          <Button size="compact-sm" color="talk" onClick={() => checks.answerSound(true)}>
            {t("check.sound.heard")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => checks.answerSound(false)}>
            {t("check.sound.notHeard")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => checks.run("sound")}>
            {t("check.sound.playAgain")}
          </Button>
        </span>
      )}
      {state === "ask" && name === "notifications" && (
        <Button size="compact-sm" variant="default" onClick={checks.allowNotifications}>
          {t("check.notifications.allow")}
        </Button>
      )}
      {state === "failed" && (
        <Button size="compact-sm" variant="default" onClick={() => checks.run(name)}>
          {t("check.again")}
        </Button>
      )}
      <span className={styles.state}>
        <i aria-hidden />
        {t(`check.state.${state}`)}
      </span>
    </li>
  );
}
