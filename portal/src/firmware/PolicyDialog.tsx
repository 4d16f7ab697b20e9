import { ActionIcon, Button, Checkbox, Select, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Update, type UpdateSetting, untilSaid, updatePolicy } from "#core/firmware/policy.ts";
import type { MaintenanceWindow } from "#core/schedule/maintenance-window.ts";
import { EditDialog } from "../devices/EditDialog.tsx";
import { useFormat } from "../i18n/format.ts";
import styles from "./Firmware.module.css";
import { clockOf, lengthOf, minuteOf, useWindowWords } from "./use-window-words.ts";

interface DialogProps {
  title: string;
  setting: UpdateSetting;
  /** What counts where nothing is said here. Absent: here it is said for all. */
  otherwise?: Update;
  close: () => void;
  save: (setting: UpdateSetting) => Promise<unknown>;
}

const inherited = "inherited";
const week = [1, 2, 3, 4, 5, 6, 7];

/** What devices take by themselves at one place, and when. */
export function PolicyDialog({ title, setting, otherwise, close, save }: DialogProps) {
  const { t } = useTranslation("firmware");
  const windowWords = useWindowWords();
  const [policy, setPolicy] = useState(setting.policy);
  const [windows, setWindows] = useState(setting.windows);
  const when = windows === undefined ? inherited : windows.length === 0 ? "always" : "hours";
  const change = (at: number, next: MaintenanceWindow) => setWindows(windows?.map((one, n) => (n === at ? next : one)));
  const someNight = () => untilSaid.windows.map((one) => ({ ...one }));
  return (
    <EditDialog
      title={title}
      close={close}
      save={() => save({ ...(policy ? { policy } : {}), ...(windows ? { windows } : {}) })}
    >
      <Select
        label={t("policy.takes")}
        allowDeselect={false}
        value={policy ?? inherited}
        onChange={(value) => setPolicy(updatePolicy.safeParse(value).data)}
        data={[
          ...(otherwise
            ? [{ value: inherited, label: t("policy.inherited", { policy: t(`policy.${otherwise.policy}`) }) }]
            : []),
          ...updatePolicy.options.map((value) => ({ value, label: t(`policy.${value}`) })),
        ]}
      />
      <Select
        label={t("window.when")}
        allowDeselect={false}
        value={when}
        onChange={(value) => setWindows(value === inherited ? undefined : value === "always" ? [] : someNight())}
        data={[
          ...(otherwise
            ? [{ value: inherited, label: t("policy.inherited", { policy: windowWords(otherwise.windows) }) }]
            : []),
          { value: "hours", label: t("window.hours") },
          { value: "always", label: t("window.always") },
        ]}
      />
      {windows?.map((one, n) => (
        <WindowFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a window has no name of its own, its place is what it is.
          key={n}
          window={one}
          change={(next) => change(n, next)}
          remove={windows.length > 1 ? () => setWindows(windows.filter((_, other) => other !== n)) : undefined}
        />
      ))}
      {windows && windows.length > 0 && windows.length < 7 && (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          mr="auto"
          leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
          onClick={() => setWindows([...windows, ...someNight()])}
        >
          {t("window.add")}
        </Button>
      )}
    </EditDialog>
  );
}

interface WindowProps {
  window: MaintenanceWindow;
  change: (next: MaintenanceWindow) => void;
  remove: (() => void) | undefined;
}

function WindowFields({ window: { days, from, length }, change, remove }: WindowProps) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  const until = (from + length) % (24 * 60);
  const set = (nextFrom: number, nextUntil: number) =>
    change({ days, from: nextFrom, length: Math.max(30, lengthOf(nextFrom, nextUntil)) });
  return (
    <fieldset className={styles.window}>
      <legend className={styles.hidden}>{t("window.hours")}</legend>
      <Checkbox.Group
        label={t("window.days")}
        value={days.map(String)}
        onChange={(values) => values.length > 0 && change({ days: values.map(Number).toSorted(), from, length })}
      >
        <div className={styles.days}>
          {week.map((day) => (
            <Checkbox key={day} value={String(day)} label={format.weekday(day)} />
          ))}
        </div>
      </Checkbox.Group>
      <div className={styles.times}>
        <TextInput
          type="time"
          label={t("window.from")}
          required
          value={clockOf(from)}
          onChange={(event) => {
            const minute = minuteOf(event.currentTarget.value);
            if (minute !== undefined) set(minute, until);
          }}
        />
        <TextInput
          type="time"
          label={t("window.until")}
          required
          value={clockOf(until)}
          onChange={(event) => {
            const minute = minuteOf(event.currentTarget.value);
            if (minute !== undefined) set(from, minute);
          }}
        />
        {remove && (
          <ActionIcon variant="default" size={36} aria-label={t("window.remove")} onClick={remove}>
            <IconTrash size={16} stroke={1.75} />
          </ActionIcon>
        )}
      </div>
    </fieldset>
  );
}
