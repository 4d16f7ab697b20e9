/**
 * What was changed on the device itself. It is shown, to keep or to drop, and never overwritten unseen: only what still
 * stands as the cloud last applied it is changed without asking.
 */
import type { DeviceConfiguration, ReportedState } from "./configuration.ts";

export type Field = keyof DeviceConfiguration;
export const fields = [
  "name",
  "timeZone",
  "buttons",
  "doorOpeners",
  "outputRules",
  "cameras",
] as const satisfies readonly Field[];

/** Equal as JSON, whatever the order of an object's keys. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? "";

/** The fields a device changed by itself since it applied `applied`. A field it does not report is as it was applied. */
export function changedOnDevice(applied: DeviceConfiguration, reported: ReportedState["configuration"]): Field[] {
  return fields.filter((field) => reported[field] !== undefined && !same(applied[field], reported[field]));
}

/** What of a device's report nobody has decided on yet. Null: nothing of ours was applied, or nothing is reported. */
export function undecidedOf({
  applied,
  reported,
  dropped,
}: {
  applied: DeviceConfiguration | null;
  reported: ReportedState["configuration"] | null;
  dropped: readonly Field[];
}): Field[] {
  return applied && reported ? changedOnDevice(applied, reported).filter((field) => !dropped.includes(field)) : [];
}

/**
 * The configuration to send now: the cloud's, but for fields the device changed by itself and nobody has decided on yet,
 * which stay as the device has them.
 */
export function toSend(
  desired: DeviceConfiguration,
  reported: ReportedState["configuration"],
  undecided: readonly Field[],
): DeviceConfiguration {
  const kept = undecided.filter((field) => reported[field] !== undefined);
  return { ...desired, ...Object.fromEntries(kept.map((field) => [field, reported[field]])) };
}
