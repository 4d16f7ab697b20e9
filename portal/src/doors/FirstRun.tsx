import { Button } from "@mantine/core";
import { IconBellRinging, IconDoor, IconHistory, IconKey, IconPhone, IconQrcode } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { Door, Role } from "#core/messages/portal-api.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./FirstRun.module.css";
import { SoundLine } from "./SoundLine.tsx";
import { VirtualStation } from "./VirtualStation.tsx";

/** No door yet: one to try stands in the page. */
export function FirstRun({ station }: { station?: Door }) {
  const { t } = useTranslation("doors");
  const { role } = useMe();
  const icon = { size: 18, stroke: 1.75 };
  if (!may(role, "try-virtual-station")) {
    return (
      <Scrolling className={styles.page} aria-label={t("title")}>
        <div className={styles.none}>
          <h1 className={styles.small}>{t("title")}</h1>
          <EmptyState icon={<IconDoor {...icon} />} title={t("first.none")} text={t("first.noneText")} />
        </div>
      </Scrolling>
    );
  }
  return (
    <Scrolling className={styles.page} aria-label={t("title")}>
      <h1 className={styles.small}>{t("title")}</h1>
      <div className={styles.middle}>
        <div className={styles.words}>
          <h2>{t("first.title")}</h2>
          <p className={styles.beside}>{t("first.text")}</p>
          <p className={styles.below}>{t("first.textBelow")}</p>
        </div>
        <div className={styles.pair}>
          <VirtualStation station={station} />
          <section className={styles.card}>
            <h3>{t("first.see")}</h3>
            <ul className={styles.steps}>
              <Step
                tone="ring"
                icon={<IconBellRinging {...icon} />}
                title={t("first.step1")}
                text={t("first.step1Text")}
              />
              <Step tone="talk" icon={<IconPhone {...icon} />} title={t("first.step2")} text={t("first.step2Text")} />
              <Step tone="door" icon={<IconKey {...icon} />} title={t("first.step3")} text={t("first.step3Text")} />
              <Step
                tone="plain"
                icon={<IconHistory {...icon} />}
                title={t("first.step4")}
                text={t("first.step4Text")}
              />
            </ul>
            <SoundLine />
          </section>
        </div>
        <Next role={role} />
      </div>
    </Scrolling>
  );
}

/** For whoever has a station of their own, or would rather begin with people. */
function Next({ role }: { role: Role }) {
  const { t } = useTranslation("doors");
  return (
    <p className={styles.next}>
      {t("first.real")}
      <Button h={40} leftSection={<IconQrcode size={16} stroke={1.75} aria-hidden />} component={Link} to="/claim">
        {t("first.claim")}
      </Button>
      {may(role, "invite-people") && (
        <Button h={40} variant="default" component={Link} to="/people">
          {t("first.invite")}
        </Button>
      )}
    </p>
  );
}

function Step(props: { tone: "ring" | "talk" | "door" | "plain"; icon: ReactNode; title: string; text: string }) {
  return (
    <li>
      <span className={styles.icon} data-tone={props.tone} aria-hidden>
        {props.icon}
      </span>
      <div>
        <strong>{props.title}</strong>
        <p>{props.text}</p>
      </div>
    </li>
  );
}
