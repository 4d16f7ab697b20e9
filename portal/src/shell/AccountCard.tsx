import { Popover, Switch } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHeadset, IconVolume, IconVolumeOff, IconWifi, IconWifiOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMicrophoneName } from "../calls/use-microphone-name.ts";
import { Initials } from "../design/Initials.tsx";
import { StatusDot } from "../design/StatusDot.tsx";
import { useFormat } from "../i18n/format.ts";
import { useAvailability, useLivePart } from "../live/hooks.ts";
import styles from "./AccountCard.module.css";
import { AccountMenu } from "./AccountMenu.tsx";
import { useMe } from "./me.ts";

/** Who is signed in, whether this browser rings, and how well it is connected. The name opens the account menu. */
export function AccountCard({ narrow, showKeys }: { narrow: boolean; showKeys: () => void }) {
  const { t } = useTranslation("shell");
  const { user } = useMe();
  const [opened, menu] = useDisclosure(false);
  const { wished, sound, setWished, turnSoundOn } = useAvailability();
  const inCall = useLivePart((live) => live.call !== undefined && live.call.phase !== "ended");
  const state = inCall ? "inCall" : !wished ? "silent" : sound === "silent" ? "blocked" : "rings";
  return (
    <section className={styles.card} data-narrow={narrow || undefined} aria-label={t("account.label")}>
      <div className={styles.row}>
        <Popover
          opened={opened}
          onChange={menu.set}
          position={narrow ? "right-end" : "top-start"}
          width={248}
          shadow="none"
          trapFocus
          returnFocus
        >
          <Popover.Target>
            <button
              type="button"
              className={styles.person}
              aria-label={t("account.open", { name: user.name })}
              onClick={menu.toggle}
            >
              <Initials name={user.name} />
              {!narrow && (
                <span className={styles.words}>
                  <span className={styles.name} title={user.name}>
                    {user.name}
                  </span>
                  <span className={styles.state}>{t(`account.${state}`)}</span>
                </span>
              )}
            </button>
          </Popover.Target>
          <AccountMenu
            showKeys={() => {
              menu.close();
              showKeys();
            }}
          />
        </Popover>
        {inCall ? (
          <StatusDot status="in-call" label={t("account.inCall")} />
        ) : (
          <Switch
            size="sm"
            aria-label={t("account.switch")}
            checked={wished && sound !== "silent"}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              setWished(on);
              // The click is the one the browser waits for before it lets a page sound.
              if (on) void turnSoundOn();
            }}
          />
        )}
      </div>
      {!narrow && <Connection sound={sound === "on"} />}
    </section>
  );
}

function Connection({ sound }: { sound: boolean }) {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const connection = useLivePart((state) => state.connection);
  const latency = useLivePart((state) => state.latency);
  const microphone = useMicrophoneName();
  const icon = { size: 14, stroke: 1.75, "aria-hidden": true };
  const words = {
    connecting: t("account.connecting"),
    online: t("account.online"),
    offline: t("account.offline"),
    "signed-out": t("account.signedOut"),
  }[connection];
  return (
    <div className={styles.line}>
      <span>
        {microphone && connection === "online" ? (
          <>
            <IconHeadset {...icon} />
            <span className={styles.device} title={microphone}>
              {microphone}
            </span>
          </>
        ) : (
          <>
            {connection === "online" ? <IconWifi {...icon} /> : <IconWifiOff {...icon} />}
            {words}
          </>
        )}
      </span>
      {connection === "online" && latency !== undefined && (
        <span className="tabular">
          {sound ? <IconVolume {...icon} /> : <IconVolumeOff {...icon} />}
          {t("account.milliseconds", { number: format.number(Math.round(latency)) })}
        </span>
      )}
    </div>
  );
}
