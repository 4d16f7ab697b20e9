/**
 * Outputs that follow a device's states: "when ringing → output 3, at once, for 2 minutes". They run on the device itself,
 * so that they work without the cloud. Pure: the device tells when a state began and ended and asks what is on now.
 */
import { z } from "zod";
import { label } from "../messages/values.ts";

export const deviceState = z.enum(["ringing", "in-call", "door-open-too-long", "offline", "tamper"]);
export type DeviceState = z.infer<typeof deviceState>;

const hour = 3_600_000;

export const outputRule = z.object({
  when: deviceState,
  output: z.number().int().min(1).max(16),
  name: label,
  delay: z
    .number()
    .int()
    .min(0)
    .max(hour)
    .describe(
      "Milliseconds from the state's beginning until the output is on. A state that ends before switches nothing.",
    ),
  duration: z
    .number()
    .int()
    .min(100)
    .max(24 * hour)
    .optional()
    .describe("Milliseconds that it is on, even where the state ends before. Absent: until the state ends."),
  enabled: z.boolean(),
});
export type OutputRule = z.infer<typeof outputRule>;

/** A state from when to when, in milliseconds by a clock that nobody sets. `ended` absent: it lasts. */
export interface Occurrence {
  state: DeviceState;
  began: number;
  ended?: number;
}

/** When this rule switches on and off because of this occurrence. Absent: never, as far as is known. */
function span(rule: OutputRule, { state, began, ended }: Occurrence): { on: number; off: number } | undefined {
  if (!rule.enabled || rule.when !== state) return undefined;
  const on = began + rule.delay;
  if (ended !== undefined && ended < on) return undefined;
  return { on, off: rule.duration === undefined ? (ended ?? Number.POSITIVE_INFINITY) : on + rule.duration };
}

const spans = (rules: readonly OutputRule[], occurrences: readonly Occurrence[]) =>
  rules.flatMap((rule) =>
    occurrences.flatMap((occurrence) => {
      const found = span(rule, occurrence);
      return found ? [{ ...found, output: rule.output }] : [];
    }),
  );

/** The outputs that are on at `now`. */
export function outputsOn(
  rules: readonly OutputRule[],
  occurrences: readonly Occurrence[],
  now: number,
): ReadonlySet<number> {
  const on = spans(rules, occurrences).filter((span) => span.on <= now && now < span.off);
  return new Set(on.map(({ output }) => output));
}

/** The next moment at which an output may change by itself, after `now`. Absent: none, until a state begins or ends. */
export function nextChange(
  rules: readonly OutputRule[],
  occurrences: readonly Occurrence[],
  now: number,
): number | undefined {
  const moments = spans(rules, occurrences).flatMap(({ on, off }) => [on, off]);
  const coming = moments.filter((moment) => moment > now && Number.isFinite(moment));
  return coming.length === 0 ? undefined : Math.min(...coming);
}

/** What is worth remembering: states that last, and those that still hold an output on. */
export function stillOf(
  rules: readonly OutputRule[],
  occurrences: readonly Occurrence[],
  now: number,
): readonly Occurrence[] {
  return occurrences.filter(
    (occurrence) => occurrence.ended === undefined || spans(rules, [occurrence]).some(({ off }) => off > now),
  );
}
