/**
 * The configuration a station runs with, kept over power cuts: what the cloud applied last, and what was changed on the
 * station itself since. A change the cloud has not seen yet is never overwritten by it.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import {
  type CredentialsByCamera,
  credentialsByCamera,
  type DesiredMessage,
  type DeviceConfiguration,
  deviceConfiguration,
  type ReportedState,
} from "#core/device/configuration.ts";
import { type Field, fields } from "#core/device/difference.ts";
import { writeWhole } from "../whole-file.ts";

const kept = z.object({
  version: z.number().int().nonnegative(),
  applied: deviceConfiguration,
  /** Its cameras' credentials, which no report carries. */
  cameraCredentials: credentialsByCamera.default({}),
  /** Changed on the station since, by field. */
  local: deviceConfiguration.partial(),
  /** Of these, those that no report has carried yet. */
  unseen: z.array(z.enum(fields)),
});
type Kept = z.infer<typeof kept>;

export interface Configured {
  readonly version: number;
  readonly now: DeviceConfiguration;
  /** What to report; from then on the cloud has seen it. */
  report(): ReportedState;
  /** Takes what the cloud wants, unless it is older. @returns whether anything was new */
  apply(desired: DesiredMessage): boolean;
  /** A change on the station itself. */
  change(part: Partial<DeviceConfiguration>): void;
  /** Forgets everything but the time zone: the station was given up. */
  wipe(): void;
}

/** As unpacked. */
export const factorySettings: DeviceConfiguration = {
  name: "New device",
  timeZone: "UTC",
  buttons: [],
  doorOpeners: [],
  outputRules: [],
  cameras: [],
};

function read(path: string): Kept {
  try {
    return kept.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // None yet, or of another firmware: the cloud sends all of it again.
    return { version: 0, applied: factorySettings, cameraCredentials: {}, local: {}, unseen: [] };
  }
}

const without = (part: Partial<DeviceConfiguration>, gone: (field: Field) => boolean): Partial<DeviceConfiguration> =>
  Object.fromEntries(fields.filter((field) => field in part && !gone(field)).map((field) => [field, part[field]]));

/** @param path the file it is kept in; @param onChange what runs with it, told at once and on every change */
export function openConfigured(
  path: string,
  onChange: (now: DeviceConfiguration, cameraCredentials: CredentialsByCamera) => void,
): Configured {
  let state = read(path);
  const current = (): DeviceConfiguration => ({ ...state.applied, ...state.local });

  function keep(next: Kept): void {
    writeWhole(path, JSON.stringify(next));
    state = next;
    onChange(current(), state.cameraCredentials);
  }

  onChange(current(), state.cameraCredentials);
  return {
    get version() {
      return state.version;
    },
    get now() {
      return current();
    },
    report() {
      if (state.unseen.length > 0) keep({ ...state, unseen: [] });
      return { version: state.version, configuration: current() };
    },
    apply({ version, configuration, cameraCredentials }) {
      if (version <= state.version) return false;
      const local = without(state.local, (field) => !state.unseen.includes(field));
      keep({ ...state, version, applied: configuration, cameraCredentials, local });
      return true;
    },
    change(part) {
      const changed = fields.filter((field) => part[field] !== undefined);
      const unseen = [...new Set([...state.unseen, ...changed])];
      keep({ ...state, local: { ...state.local, ...part }, unseen });
    },
    wipe() {
      const applied = { ...factorySettings, timeZone: current().timeZone };
      keep({ version: 0, applied, cameraCredentials: {}, local: {}, unseen: [] });
    },
  };
}
