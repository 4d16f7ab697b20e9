/** Switches the outputs that follow the station's states (core/device/output-rules.ts), by a clock that nobody sets and without the cloud. */
import {
  type DeviceState,
  nextChange,
  type Occurrence,
  type OutputRule,
  outputsOn,
  stillOf,
} from "#core/device/output-rules.ts";

export interface StateOutputs {
  /** A state began or ended. Saying it twice changes nothing. */
  set(state: DeviceState, lasts: boolean): void;
  /** New rules; states that last count for them from their beginning. */
  use(rules: readonly OutputRule[]): void;
  /** The states that last. */
  states(): DeviceState[];
  close(): void;
}

/** @param onSwitch an output went on or off */
export function stateOutputs(onSwitch: (output: number, on: boolean) => void): StateOutputs {
  // How long something lasts does not change when the station learns what time it is.
  const now = () => performance.now();
  let rules: readonly OutputRule[] = [];
  let occurrences: readonly Occurrence[] = [];
  let on: ReadonlySet<number> = new Set();
  let timer: NodeJS.Timeout | undefined;

  function judge(): void {
    clearTimeout(timer);
    const at = now();
    occurrences = stillOf(rules, occurrences, at);
    const next = outputsOn(rules, occurrences, at);
    for (const output of on) if (!next.has(output)) onSwitch(output, false);
    for (const output of next) if (!on.has(output)) onSwitch(output, true);
    on = next;
    const moment = nextChange(rules, occurrences, at);
    if (moment !== undefined) timer = setTimeout(judge, moment - at);
  }

  return {
    set(state, lasts) {
      const lasting = occurrences.some((one) => one.state === state && one.ended === undefined);
      if (lasting === lasts) return;
      occurrences = lasts
        ? [...occurrences, { state, began: now() }]
        : occurrences.map((one) => (one.state === state && one.ended === undefined ? { ...one, ended: now() } : one));
      judge();
    },
    use(next) {
      rules = next;
      judge();
    },
    states: () => occurrences.filter(({ ended }) => ended === undefined).map(({ state }) => state),
    close() {
      clearTimeout(timer);
    },
  };
}
