import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { obeys } from "#core/device/obey.ts";
import { commandId, deviceId } from "#core/messages/values.ts";
import { newSessions } from "./sessions.ts";

const device = deviceId.parse(randomUUID());
const asked = (expiresAt: number) => ({
  type: "command" as const,
  deviceId: device,
  commandId: commandId.parse(randomUUID()),
  command: { do: "identify" } as const,
  expiresAt,
});

test("a command is obeyed until it expires, by the device's own clock, whatever that shows", () => {
  let elapsed = 500_000;
  const sessions = newSessions(
    () => 1_000_000 + elapsed,
    () => elapsed,
  );
  const { challenge } = sessions.begin(device);
  const heardAt = 77; // on the device
  elapsed += 60_000;
  const command = sessions.command(asked(1_000_000 + elapsed + 5_000));
  if (!command) throw new Error("no command");
  const onDevice = (later: number) => obeys(command, { challenge, heardAt }, heardAt + 60_000 + later);
  expect([onDevice(4_999), onDevice(5_001)]).toEqual([true, false]);
});

test("a command of an earlier connection, of no connection, or too late is none", () => {
  const sessions = newSessions();
  expect(sessions.command(asked(Date.now() + 5_000))).toBeUndefined();
  const first = sessions.begin(device);
  const second = sessions.begin(device);
  expect(sessions.command(asked(Date.now() + 5_000))?.challenge).toBe(second.challenge);
  expect(first.challenge).not.toBe(second.challenge);
  expect(sessions.command(asked(Date.now() - 1))).toBeUndefined();
  sessions.end(device);
  expect(sessions.command(asked(Date.now() + 5_000))).toBeUndefined();
});
