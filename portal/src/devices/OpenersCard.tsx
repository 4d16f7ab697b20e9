import { NumberInput, Select, TextInput, UnstyledButton } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OpenedBy, Opener } from "#core/access/door-openers.ts";
import { may } from "#core/access/permissions.ts";
import type { DeviceChange, DeviceDetail } from "#core/messages/device-api.ts";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { EditDialog } from "./EditDialog.tsx";
import { OpenerRights, useRightsWords } from "./OpenerRights.tsx";
import type { ChangeDevice } from "./use-device-change.ts";

interface Props {
  device: DeviceDetail;
  change: ChangeDevice | undefined;
}

/** Which outputs open doors, and how. */
export function OpenersCard({ device, change }: Props) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const rightsWords = useRightsWords();
  const { doorOpeners } = device.configuration;
  const [edited, setEdited] = useState<{ at?: number }>();
  const taken = [...doorOpeners, ...device.configuration.outputRules].map(({ output }) => output);
  const free = outputsOf(device).find((output) => !taken.includes(output));
  return (
    <Card
      title={t("one.openers.title")}
      add={change && free ? { words: t("one.openers.add"), open: () => setEdited({}) } : undefined}
    >
      {doorOpeners.length === 0 && <p className={styles.none}>{t("one.openers.none")}</p>}
      <ul className={styles.rows}>
        {doorOpeners.map((opener, at) => (
          <li key={opener.output}>
            <UnstyledButton
              className={styles.row}
              disabled={!change}
              aria-label={t("one.openers.edit", { name: opener.name })}
              onClick={() => setEdited({ at })}
            >
              <span className={styles.key} aria-hidden>
                <IconKey size={16} stroke={1.75} />
              </span>
              <span className={styles.words}>
                <strong>{opener.name}</strong>
                <span>
                  {t("one.openers.line", { output: opener.output, pulse: format.number(opener.pulse / 1_000) })}
                  {opener.openedBy !== "everybody" && ` · ${rightsWords(opener.openedBy)}`}
                </span>
              </span>
              <span className={styles.end}>{t(`one.openers.${opener.confirm}`)}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {edited && change && (
        <EditOpener
          device={device}
          at={edited.at}
          output={free ?? 1}
          close={() => setEdited(undefined)}
          save={(next) => change({ doorOpeners: next })}
        />
      )}
    </Card>
  );
}

export const outputsOf = ({ fitted }: DeviceDetail): number[] =>
  Array.from({ length: fitted?.outputs ?? 16 }, (_, at) => at + 1);

/** People by their ids alone. */
const asked = (openedBy: OpenedBy) =>
  openedBy === "everybody" ? openedBy : { ...openedBy, people: openedBy.people.map(({ userId }) => userId) };

interface EditProps {
  device: DeviceDetail;
  at: number | undefined;
  output: number;
  close: () => void;
  save: (next: NonNullable<DeviceChange["doorOpeners"]>) => Promise<unknown>;
}

function EditOpener({ device, at, output, close, save }: EditProps) {
  const { t } = useTranslation("devices");
  const { doorOpeners } = device.configuration;
  const before = at === undefined ? undefined : doorOpeners[at];
  const [opener, setOpener] = useState<Opener>(
    before ?? { output, name: "", pulse: 3_000, confirm: "hold", openedBy: "everybody" },
  );
  const mayShare = may(useMe().role, "share-access");
  /** Who may open by the others stays as it is. */
  const others = doorOpeners.filter((_, index) => index !== at).map(({ openedBy: _rights, ...one }) => one);
  const { openedBy, ...bare } = opener;
  const edited = { ...bare, ...(mayShare ? { openedBy: asked(openedBy) } : {}) };
  const set = (part: Partial<Opener>) => setOpener({ ...opener, ...part });
  return (
    <EditDialog
      title={before ? t("one.openers.edit", { name: before.name }) : t("one.openers.new")}
      close={close}
      save={() => save([...others, edited].sort((a, b) => a.output - b.output))}
      remove={before && { words: t("one.openers.remove"), go: () => save(others) }}
    >
      <TextInput
        label={t("one.name")}
        required
        maxLength={200}
        data-autofocus
        value={opener.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Select
        label={t("one.openers.output")}
        allowDeselect={false}
        value={String(opener.output)}
        onChange={(value) => value && set({ output: Number(value) })}
        data={outputsOf(device).map(String)}
      />
      <NumberInput
        label={t("one.openers.pulse")}
        required
        min={0.1}
        max={60}
        step={0.5}
        decimalScale={1}
        value={opener.pulse / 1_000}
        onChange={(value) => set({ pulse: Math.round(Number(value) * 1_000) })}
      />
      <Select
        label={t("one.openers.confirm")}
        allowDeselect={false}
        value={opener.confirm}
        onChange={(value) => set({ confirm: value === "ask" ? "ask" : "hold" })}
        data={[
          { value: "hold", label: t("one.openers.holdLong") },
          { value: "ask", label: t("one.openers.askLong") },
        ]}
      />
      {mayShare && <OpenerRights value={openedBy} set={(next) => set({ openedBy: next })} />}
    </EditDialog>
  );
}
