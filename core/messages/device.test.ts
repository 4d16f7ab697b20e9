import fc from "fast-check";
import { expect, test } from "vitest";
import { obeys } from "../device/obey.ts";
import { downTopic, downTopics, mayPublish, maySubscribe, parseUp, upTopic } from "./device.ts";
import { deviceId } from "./values.ts";

const mine = deviceId.parse("0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001");
const other = deviceId.parse("0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0002");

test("a device hears what the cloud says to it, all of it or by kind", () => {
  for (const filter of [downTopics(mine), downTopic(mine, "desired"), `symphony/1/${mine}/down/+`])
    expect(maySubscribe(mine, filter)).toBe(true);
});

test("no filter reaches another device's topics, nor what devices say", () => {
  const filters = ["#", "+/#", "symphony/#", "symphony/1/+/down/#", "$SYS/#", `symphony/1/${mine}/#`];
  for (const filter of [...filters, downTopics(other), upTopic(mine, "reported"), `symphony/1/${mine}/down/desired/#`])
    expect(maySubscribe(mine, filter)).toBe(false);
  const level = fc.constantFrom("symphony", "1", "+", "#", "", "down", "up", other, "desired");
  fc.assert(
    fc.property(fc.array(level, { maxLength: 6 }), (levels) => {
      expect(maySubscribe(mine, levels.join("/"))).toBe(false);
    }),
  );
});

test("a device speaks on its own topics only", () => {
  expect(mayPublish(mine, upTopic(mine, "states"))).toBe("states");
  for (const topic of [upTopic(other, "states"), downTopic(mine, "command"), `symphony/1/${mine}/up/toString`, ""])
    expect(mayPublish(mine, topic)).toBeUndefined();
});

test("what is not in the protocol is not read", () => {
  expect(parseUp("states", '{"states":["ringing"],"contact":"closed"}')).toEqual({
    kind: "states",
    body: { states: ["ringing"], contact: "closed", silentCameras: [], camerasNotAsked: {} },
  });
  for (const payload of ["", "{", '{"states":["flying"],"contact":"closed"}', "[]"])
    expect(parseUp("states", payload)).toBeUndefined();
});

test("a command counts in its own connection, for its own time, whatever the clock on the wall says", () => {
  const session = { challenge: "6f6e4a55-26f6-4f09-a0a2-64f3c3e7cf10", heardAt: 1000 };
  const command = { challenge: session.challenge, within: 5000 };
  expect(obeys(command, session, 6000)).toBe(true);
  expect(obeys(command, session, 6001)).toBe(false);
  expect(obeys(command, { ...session, challenge: "a0a264f3-26f6-4f09-a0a2-64f3c3e7cf10" }, 1001)).toBe(false);
  expect(obeys(command, undefined, 0)).toBe(false);
});
