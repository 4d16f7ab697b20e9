import { NumberInput, Select, Switch, TextInput, UnstyledButton } from "@mantine/core";
import { IconArrowRight, IconDeviceDesktop } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type DeviceState, deviceState, type OutputRule } from "#core/device/output-rules.ts";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { Chip } from "../design/Chip.tsx";
import { type Status, StatusDot } from "../design/StatusDot.tsx";
import { chosen } from "../i18n/format.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { EditDialog } from "./EditDialog.tsx";
import { outputsOf } from "./OpenersCard.tsx";
import { type ChangeDevice, saidAlready } from "./use-device-change.ts";

interface Props {
  device: DeviceDetail;
  change: ChangeDevice | undefined;
}

const dots: Record<DeviceState, Status> = {
  ringing: "ringing",
  "in-call": "in-call",
  "door-open-too-long": "fault",
  tamper: "fault",
  offline: "offline",
};

/** What an output rule says. */
export function useRuleWords() {
  const { t } = useTranslation("devices");
  return ({ when, output, name, delay, duration }: OutputRule) => ({
    when: t(`one.rules.when.${when}`),
    output: t("one.rules.output", { output, name }),
    begins: delay === 0 ? t("one.rules.atOnce") : t("one.rules.after", { time: chosen(delay) }),
    ends: duration === undefined ? t(`one.rules.until.${when}`) : t("one.rules.for", { time: chosen(duration) }),
  });
}

/** When → output, delay, duration: sentences that the device itself carries out. */
export function RulesCard({ device, change }: Props) {
  const { t } = useTranslation("devices");
  const { outputRules: rules, doorOpeners } = device.configuration;
  const words = useRuleWords();
  const [edited, setEdited] = useState<{ at?: number }>();
  const free = outputsOf(device).filter((output) => !doorOpeners.some((opener) => opener.output === output));
  const save = (next: OutputRule[]) => change?.({ outputRules: next }) ?? Promise.reject();
  const turn = (at: number) =>
    void save(rules.map((rule, index) => (index === at ? { ...rule, enabled: !rule.enabled } : rule))).catch(
      saidAlready,
    );
  return (
    <Card
      title={t("one.rules.title")}
      beside={<Chip icon={<IconDeviceDesktop size={14} stroke={1.75} aria-hidden />}>{t("one.rules.onDevice")}</Chip>}
      add={change && free.length > 0 ? { words: t("one.rules.add"), open: () => setEdited({}) } : undefined}
    >
      {rules.length === 0 && <p className={styles.none}>{t("one.rules.none")}</p>}
      <ul className={styles.rows}>
        {rules.map((rule, at) => {
          const { when, output, begins, ends } = words(rule);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no name of its own, its place is what it is.
            <li key={at} className={styles.rule}>
              <UnstyledButton
                className={styles.sentence}
                disabled={!change}
                aria-label={`${t("one.rules.edit")}: ${when} → ${output}`}
                onClick={() => setEdited({ at })}
              >
                <span className={styles.when}>
                  <StatusDot status={dots[rule.when]} label={when} />
                  <span aria-hidden>{when}</span>
                </span>
                <IconArrowRight size={16} stroke={1.75} aria-hidden />
                <span className={styles.what}>{output}</span>
                <span className={styles.times}>
                  <Chip>{begins}</Chip>
                  <Chip>{ends}</Chip>
                </span>
              </UnstyledButton>
              <Switch
                aria-label={t("one.rules.on", { rule: `${when} → ${output}` })}
                checked={rule.enabled}
                disabled={!change}
                onChange={() => turn(at)}
              />
            </li>
          );
        })}
      </ul>
      {edited && (
        <EditRule rules={rules} at={edited.at} outputs={free} close={() => setEdited(undefined)} save={save} />
      )}
    </Card>
  );
}

interface EditProps {
  rules: OutputRule[];
  at: number | undefined;
  outputs: number[];
  close: () => void;
  save: (next: OutputRule[]) => Promise<unknown>;
}

function EditRule({ rules, at, outputs, close, save }: EditProps) {
  const { t } = useTranslation("devices");
  const before = at === undefined ? undefined : rules[at];
  const [rule, setRule] = useState<OutputRule>(
    before ?? { when: "ringing", output: outputs[0] ?? 1, name: "", delay: 0, duration: 120_000, enabled: true },
  );
  const set = (part: Partial<OutputRule>) => setRule({ ...rule, ...part });
  const states = deviceState.options.map((value) => ({ value, label: t(`one.rules.when.${value}`) }));
  return (
    <EditDialog
      title={before ? t("one.rules.edit") : t("one.rules.new")}
      close={close}
      save={() => save(before ? rules.map((one) => (one === before ? rule : one)) : [...rules, rule])}
      remove={before && { words: t("one.rules.remove"), go: () => save(rules.filter((one) => one !== before)) }}
    >
      <Select
        label={t("one.rules.state")}
        allowDeselect={false}
        value={rule.when}
        onChange={(value) => set({ when: deviceState.catch(rule.when).parse(value) })}
        data={states}
      />
      <Select
        label={t("one.openers.output")}
        allowDeselect={false}
        value={String(rule.output)}
        onChange={(value) => value && set({ output: Number(value) })}
        data={outputs.map(String)}
      />
      <TextInput
        label={t("one.rules.name")}
        required
        maxLength={200}
        value={rule.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <NumberInput
        label={t("one.rules.delay")}
        min={0}
        max={3600}
        value={rule.delay / 1_000}
        onChange={(value) => set({ delay: Math.round(Number(value) * 1_000) })}
      />
      <NumberInput
        label={t("one.rules.duration")}
        min={0.1}
        max={86_400}
        value={rule.duration === undefined ? "" : rule.duration / 1_000}
        onChange={(value) => {
          const { duration: _, ...rest } = rule;
          setRule(value === "" ? rest : { ...rest, duration: Math.round(Number(value) * 1_000) });
        }}
      />
    </EditDialog>
  );
}
