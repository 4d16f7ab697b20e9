import { Button, type ButtonProps, Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CommandRequest } from "#core/messages/device-api.ts";
import { opensNext } from "#core/schedule/maintenance-window.ts";
import { firmwareQuery } from "../api/firmware-queries.ts";
import { useFormat } from "../i18n/format.ts";
import styles from "./Devices.module.css";

type Restart = Extract<CommandRequest, { do: "update-firmware" }>["restart"];

interface UpdateNowProps {
  /** Where the devices stand. */
  sites: readonly string[];
  /** The button that opens it. */
  opens: ButtonProps & { children: string };
  ask: (restart: Restart) => void;
}

/** Asks once more before devices start their newest release at once: that is outside their hours, which they can wait for instead. */
export function UpdateNow({ sites, opens, ask }: UpdateNowProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="top" trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <Button {...opens} onClick={() => setOpened(!opened)} />
      </Popover.Target>
      <Popover.Dropdown>
        <Choice
          sites={sites}
          ask={(restart) => {
            setOpened(false);
            ask(restart);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice({ sites, ask }: Pick<UpdateNowProps, "sites" | "ask">) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const next = useNextHours(sites);
  return (
    <div className={styles.update}>
      <p>{t("updateNow.text")}</p>
      {next && (
        <p>
          {t(next.several ? "updateNow.firstHours" : "updateNow.hours", {
            time: format.inZone(next.at, next.timeZone),
          })}
        </p>
      )}
      <Button onClick={() => ask("at-once")}>{t("updateNow.atOnce")}</Button>
      {next && (
        <Button variant="default" onClick={() => ask("in-its-hours")}>
          {t("updateNow.inHours")}
        </Button>
      )}
    </div>
  );
}

/** When the maintenance hours of these sites begin, the first of them. Nothing where all of them are open, or there are none. */
function useNextHours(sites: readonly string[]) {
  const firmware = useQuery(firmwareQuery).data;
  const now = Date.now();
  const begin = (firmware?.sites ?? [])
    .filter(({ siteId }) => sites.includes(siteId))
    .map(({ windows = firmware?.organisation.windows ?? [], timeZone }) => ({
      at: opensNext(windows, timeZone, now),
      timeZone,
    }))
    .filter(({ at }) => at > now)
    .toSorted((one, other) => one.at - other.at);
  const [first] = begin;
  return first && { ...first, several: begin.some(({ at }) => at !== first.at) };
}
