import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OutputRule } from "#core/device/output-rules.ts";
import { stateOutputs } from "./state-outputs.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const light: OutputRule = { when: "ringing", output: 3, name: "Light", delay: 0, duration: 120_000, enabled: true };
const buzzer: OutputRule = { when: "door-open-too-long", output: 4, name: "Buzzer", delay: 10_000, enabled: true };

function fitted() {
  const switched: string[] = [];
  const outputs = stateOutputs((output, on) => switched.push(`${output} ${on ? "on" : "off"}`));
  outputs.use([light, buzzer]);
  return { outputs, switched };
}

test("the light goes on with the ringing and off two minutes later", () => {
  const { outputs, switched } = fitted();
  outputs.set("ringing", true);
  vi.advanceTimersByTime(20_000);
  outputs.set("ringing", false);
  expect(switched).toEqual(["3 on"]);
  vi.advanceTimersByTime(100_000);
  expect(switched).toEqual(["3 on", "3 off"]);
});

test("the buzzer waits its ten seconds and stops when the door is closed", () => {
  const { outputs, switched } = fitted();
  outputs.set("door-open-too-long", true);
  outputs.set("door-open-too-long", true);
  expect(outputs.states()).toEqual(["door-open-too-long"]);
  vi.advanceTimersByTime(9_999);
  expect(switched).toEqual([]);
  vi.advanceTimersByTime(1);
  outputs.set("door-open-too-long", false);
  expect(switched).toEqual(["4 on", "4 off"]);
});

test("a rule that is taken away switches its output off", () => {
  const { outputs, switched } = fitted();
  outputs.set("ringing", true);
  outputs.use([]);
  expect(switched).toEqual(["3 on", "3 off"]);
});
