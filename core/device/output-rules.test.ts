import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceState, nextChange, type Occurrence, type OutputRule, outputsOn, stillOf } from "./output-rules.ts";

const second = 1000;
const rule = (change: Partial<OutputRule>): OutputRule => ({
  when: "ringing",
  output: 3,
  name: "Courtyard light",
  delay: 0,
  enabled: true,
  ...change,
});
const on = (rules: OutputRule[], occurrences: Occurrence[], now: number) => [...outputsOn(rules, occurrences, now)];

test("a light stays on for its two minutes, although the ringing ended before", () => {
  const light = rule({ duration: 120 * second });
  const rang: Occurrence = { state: "ringing", began: 0, ended: 20 * second };
  expect(on([light], [rang], 119 * second)).toEqual([3]);
  expect(on([light], [rang], 120 * second)).toEqual([]);
});

test("a buzzer without a duration sounds until the door is closed", () => {
  const buzzer = rule({ when: "door-open-too-long", output: 4, delay: 10 * second });
  const open: Occurrence = { state: "door-open-too-long", began: 0 };
  expect(on([buzzer], [open], 9 * second)).toEqual([]);
  expect(on([buzzer], [open], 900 * second)).toEqual([4]);
  expect(on([buzzer], [{ ...open, ended: 901 * second }], 901 * second)).toEqual([]);
});

test("a state that ends within the delay switches nothing", () => {
  const lamp = rule({ when: "offline", output: 5, delay: 60 * second, duration: 5 * second });
  const blip: Occurrence = { state: "offline", began: 0, ended: 59 * second };
  expect(on([lamp], [blip], 61 * second)).toEqual([]);
});

test("a rule that is switched off switches nothing", () => {
  expect(on([rule({ enabled: false })], [{ state: "ringing", began: 0 }], second)).toEqual([]);
});

test("a second press within the time keeps the light on without a gap", () => {
  const light = rule({ duration: 60 * second });
  const presses: Occurrence[] = [
    { state: "ringing", began: 0, ended: second },
    { state: "ringing", began: 50 * second, ended: 51 * second },
  ];
  expect(on([light], presses, 60 * second)).toEqual([3]);
  expect(on([light], presses, 110 * second)).toEqual([]);
});

const rules = fc.array(
  fc.record({
    when: fc.constantFrom(...deviceState.options),
    output: fc.integer({ min: 1, max: 4 }),
    name: fc.constant("Lamp"),
    delay: fc.integer({ min: 0, max: 50 }),
    enabled: fc.boolean(),
  }),
  { maxLength: 5 },
);
const withDurations = rules.chain((list) =>
  fc
    .array(fc.option(fc.integer({ min: 100, max: 200 }), { nil: undefined }), { minLength: 5, maxLength: 5 })
    .map((durations) =>
      list.map((rule, index): OutputRule => {
        const duration = durations[index];
        return duration === undefined ? rule : { ...rule, duration };
      }),
    ),
);
const occurrences = fc.array(
  fc
    .tuple(fc.constantFrom(...deviceState.options), fc.integer({ min: 0, max: 200 }), fc.option(fc.nat(200)))
    .map(
      ([state, began, length]): Occurrence =>
        length === null ? { state, began } : { state, began, ended: began + length },
    ),
  { maxLength: 6 },
);

test("between two announced moments no output changes", () => {
  fc.assert(
    fc.property(withDurations, occurrences, fc.nat(400), (list, past, now) => {
      const next = nextChange(list, past, now) ?? now + 500;
      const before = on(list, past, now).sort();
      for (let moment = now; moment < next; moment++) expect(on(list, past, moment).sort()).toEqual(before);
    }),
  );
});

test("what is forgotten never held an output on afterwards", () => {
  fc.assert(
    fc.property(withDurations, occurrences, fc.nat(400), fc.nat(400), (list, past, now, later) => {
      const kept = [...stillOf(list, past, now)];
      expect(on(list, kept, now + later).sort()).toEqual(on(list, past, now + later).sort());
    }),
  );
});
