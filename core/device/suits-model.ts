/** What in a configuration can't work on a device of this model, so that it is said before it is sent. */
import type { DeviceConfiguration } from "./configuration.ts";
import type { Model } from "./models.ts";

export type Fault =
  | { fault: "no-such-output"; output: number; fitted: number }
  /** Two door openers, or a rule and a door: an output that opens a door is switched by people alone. */
  | { fault: "output-opens-a-door"; output: number }
  | { fault: "too-many-buttons"; fitted: number }
  | { fault: "same-button-twice"; key: string };

const repeated = <T>(values: readonly T[]): T[] => [
  ...new Set(values.filter((value, at) => values.indexOf(value) < at)),
];

/** Every fault, none left out. Empty: it can be sent. */
export function faultsOf(
  { buttons, doorOpeners, outputRules }: DeviceConfiguration,
  { outputs, buttons: fitted }: Model,
): Fault[] {
  const doors = doorOpeners.map(({ output }) => output);
  const ruled = outputRules.map(({ output }) => output);
  const missing = [...new Set([...doors, ...ruled])].filter((output) => output > outputs);
  const clashing = new Set([...repeated(doors), ...ruled.filter((output) => doors.includes(output))]);
  return [
    ...missing.map((output): Fault => ({ fault: "no-such-output", output, fitted: outputs })),
    ...[...clashing].map((output): Fault => ({ fault: "output-opens-a-door", output })),
    ...(fitted !== "screen" && buttons.length > fitted ? [{ fault: "too-many-buttons", fitted } as const] : []),
    ...repeated(buttons.map(({ key }) => key)).map((key): Fault => ({ fault: "same-button-twice", key })),
  ];
}
