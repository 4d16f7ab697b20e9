/** What happens at a station makes its states, and these switch its outputs: without any cloud, since none is there. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { commandId, deviceId } from "#core/messages/values.ts";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { doorOutput } from "../door-output.ts";
import type { StationEvent } from "../events.ts";
import { type Agent, newAgent } from "./agent.ts";
import { factorySettings } from "./configured.ts";

const states = ["ringing", "in-call", "door-open-too-long", "offline"] as const;
let agent: Agent;
/** What went on and off, by the state whose output it is. */
let switched: string[];

beforeEach(() => {
  vi.useFakeTimers();
  switched = [];
  const folder = temporaryFolder("agent");
  agent = newAgent({
    host: "127.0.0.1",
    // Nobody listens there.
    port: 9,
    deviceId: deviceId.parse(randomUUID()),
    credentials: () => ({ certificate: "", key: "", serverAuthority: "" }),
    files: { configuration: join(folder, "configuration.json"), cameraKeys: join(folder, "camera-keys.json") },
    running: { firmware: "reference 1.0" },
    cameraPlace: undefined,
    async uploadLog() {},
    forgetLog() {},
    async renew() {},
    report(event) {
      if (event.event === "output") switched.push(`${states[event.output - 1]} ${event.on ? "on" : "off"}`);
    },
  });
  const outputRules = states.map((when, at) => ({ when, output: at + 1, name: when, delay: 0, enabled: true }));
  agent.configured.change({ ...factorySettings, outputRules });
});
afterEach(async () => {
  vi.useRealTimers();
  await agent.close();
});

const happens = (...events: StationEvent[]) => {
  for (const event of events) agent.happened(event);
};

test("a press rings, an answer ends that and begins a call, and its end ends it", () => {
  happens({ event: "pressed", button: "bell" });
  expect(switched).toEqual(["ringing on"]);
  happens({ event: "answered", by: "person" });
  expect(switched.splice(0)).toEqual(["ringing on", "ringing off", "in-call on"]);
  happens({ event: "ended", sipStatus: 200, reason: "hung up", talked: 1_000 });
  expect(switched).toEqual(["in-call off"]);
});

test("a door that stands open for two minutes is open for too long, until it is shut", () => {
  const door = doorOutput({
    onContact: (contact) => happens({ event: "contact", contact }),
    onFired: () => {},
    now: Date.now,
  });
  /** Holds it open for a minute, as the longest pulse does. */
  const open = () =>
    door.fire({
      type: "fire-output",
      output: 1,
      pulse: 60_000,
      commandId: commandId.parse(randomUUID()),
      expiresAt: Date.now() + 5_000,
    });
  open();
  vi.advanceTimersByTime(70_000);
  expect(door.contact).toBe("closed");
  expect(switched).toEqual([]);

  open();
  vi.advanceTimersByTime(50_000);
  open();
  vi.advanceTimersByTime(50_000);
  open();
  vi.advanceTimersByTime(20_000);
  expect(door.contact).toBe("open");
  expect(switched).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(switched).toEqual(["door-open-too-long on"]);
  vi.advanceTimersByTime(60_000);
  expect(door.contact).toBe("closed");
  expect(switched).toEqual(["door-open-too-long on", "door-open-too-long off"]);
});

test("a station that has found no cloud is offline, and its outputs know", () => {
  agent.connect();
  expect(switched).toEqual(["offline on"]);
});
