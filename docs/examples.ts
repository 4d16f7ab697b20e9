/** A message of each kind, as docs/device.md shows it. Each is held against its schema when the document is made. */
import type { z } from "zod";
import type { DownKind, down, UpKind, up } from "#core/messages/device.ts";
import type { fromStation, toStation } from "#core/messages/station.ts";

const commandId = "5e0c8c1a-6f0b-4a9e-9d52-0c2f3b7a4411";
const challenge = "b3b0f1de-8a51-4f6b-a0cf-6d0c5f9d2f10";

const configuration = {
  name: "Main entrance",
  timeZone: "Europe/Vienna",
  buttons: [{ key: "reception", label: "Reception" }],
  doorOpeners: [{ output: 1, name: "Door", pulse: 3000, confirm: "hold" as const }],
  outputRules: [{ when: "ringing" as const, output: 2, name: "Light", delay: 0, duration: 120_000, enabled: true }],
  cameras: [],
};

export const fromCloud: { [Kind in DownKind]: z.input<(typeof down)[Kind]> } = {
  session: { challenge, now: 1_795_822_800_000 },
  desired: { version: 7, configuration, cameraCredentials: {} },
  command: { commandId, challenge, within: 84_000, command: { do: "identify" } },
};

export const fromDevice: { [Kind in UpKind]: z.input<(typeof up)[Kind]> } = {
  reported: {
    version: 7,
    configuration: { ...configuration, name: "Main entrance, left" },
    firmware: "3.15.0",
    release: { number: 12, belowFloor: false },
    address: "192.168.1.40",
    revision: "AC",
  },
  acknowledged: { commandId, result: "done" },
  states: { states: ["ringing"], contact: "closed", silentCameras: [] },
  progress: { release: 13, phase: "loading", received: 83_886_080, size: 314_572_800, repeated: 1 },
};

export const toDoor: z.input<typeof toStation> = {
  type: "fire-output",
  commandId,
  output: 1,
  pulse: 3000,
  expiresAt: 1_795_822_805_000,
};
export const fromDoor: z.input<typeof fromStation> = { type: "output", commandId, result: "fired" };
