import {
  IconHistory,
  IconLock,
  IconLockOpen,
  IconMicrophone,
  IconMicrophoneOff,
  IconVideoOff,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Receiver } from "#core/messages/client.ts";
import type { Door } from "#core/messages/portal-api.ts";
import { useDoorStates, useLiveClient } from "../live/hooks.ts";
import type { Ring } from "../live/state.ts";
import { Level } from "./Level.tsx";
import styles from "./RingDetails.module.css";
import { clock, initials } from "./times.ts";
import type { MicrophoneState } from "./use-microphone.ts";
import { useMicrophoneLevel } from "./use-microphone-level.ts";

/** Beside the picture: who else rings and how each does, what is known of this door, and what this person brings. */
export function RingDetails(props: { ring: Ring; details: Door | undefined; microphone: MicrophoneState }) {
  const { t, i18n } = useTranslation("calls");
  const { ring, details, microphone } = props;
  const leads = useLiveClient().leads();
  const heard = useMicrophoneLevel(leads && microphone === "ready" && ring.phase === "ringing");
  const contact = useDoorStates()[ring.deviceId]?.contact;
  const others = ring.receivers.filter((one) => one.legId !== ring.legId);
  const last = details?.last;
  return (
    <aside className={styles.details}>
      <section>
        <div className={styles.title}>
          <h3>{t("ring.also")}</h3>
          {others.length > 0 && <span>{t("ring.first")}</span>}
        </div>
        {others.length === 0 ? (
          <p className={styles.line}>{t("ring.alone")}</p>
        ) : (
          <ul className={styles.people}>
            {others.map((one) => (
              <Person key={one.legId} receiver={settled(one, ring)} />
            ))}
          </ul>
        )}
      </section>
      <section>
        <h3>{t("ring.atDoor")}</h3>
        <Line icon={<IconHistory size={16} stroke={1.75} />}>
          {last
            ? last.outcome === "answered" && !last.answeredBy
              ? t("ring.last.placed", { time: clock(last.at, i18n.language).slice(0, 5) })
              : t(`ring.last.${last.outcome}`, {
                  name: last.answeredBy,
                  time: clock(last.at, i18n.language).slice(0, 5),
                })
            : t("ring.noVisit")}
        </Line>
        {(contact === "closed" || contact === "open") && (
          <Line
            icon={
              contact === "closed" ? <IconLock size={16} stroke={1.75} /> : <IconLockOpen size={16} stroke={1.75} />
            }
          >
            {t(`ring.contact.${contact}`)}
          </Line>
        )}
        {details?.silentCameras.map((name) => (
          <Line key={name} icon={<IconVideoOff size={16} stroke={1.75} />}>
            {t("ring.cameraSilent", { name })}
          </Line>
        ))}
      </section>
      <section>
        <Line
          icon={
            microphone === "refused" ? (
              <IconMicrophoneOff size={16} stroke={1.75} />
            ) : (
              <IconMicrophone size={16} stroke={1.75} />
            )
          }
        >
          <span className={styles.device} title={heard?.device}>
            {heard?.device || t(`ring.microphone.${microphone}`)}
          </span>
          {heard && <Level value={heard.level} />}
        </Line>
        <Line icon={<IconVideoOff size={16} stroke={1.75} />}>{t("ring.cameraOff")}</Line>
      </section>
    </aside>
  );
}

/** How a receiver did when the ring is over: nobody rings any more, and whoever answered is said by the end itself. */
function settled(receiver: Receiver, ring: Ring): Omit<Receiver, "fate"> & { fate: Receiver["fate"] | undefined } {
  if (!ring.ended) return receiver;
  if (receiver.name === ring.ended.by) return { ...receiver, fate: "answered" };
  const still = receiver.fate === "rang" || receiver.fate === "told";
  return { ...receiver, fate: still ? undefined : receiver.fate };
}

function Person({ receiver }: { receiver: ReturnType<typeof settled> }) {
  const { t } = useTranslation("calls");
  return (
    <li className={styles.person}>
      <span className={styles.face} aria-hidden>
        {initials(receiver.name)}
      </span>
      <span className={styles.name}>
        <strong title={receiver.name}>{receiver.name}</strong>
        <span>{t(`ring.via.${receiver.via}`)}</span>
      </span>
      <span className={styles.fate} data-fate={receiver.fate}>
        {receiver.fate && t(`ring.fate.${receiver.fate}`)}
      </span>
    </li>
  );
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className={styles.line}>
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      {children}
    </p>
  );
}
