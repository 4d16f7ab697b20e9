/** The people and doors of these tests, and the messages about them. */
import type { ToClient } from "#core/messages/client.ts";
import type { Door, Me } from "#core/messages/portal-api.ts";
import { callId, commandId, deviceId, legId, organisationId, userId } from "#core/messages/values.ts";

export const mainEntrance = deviceId.parse("5d2f7c61-8a30-4f0c-9a55-0c1f8e6b7a01");
export const courtyardGate = deviceId.parse("5d2f7c61-8a30-4f0c-9a55-0c1f8e6b7a02");
export const mara = userId.parse("mara");
export const jonas = userId.parse("jonas");
export const ownLeg = legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a001");
export const jonasLeg = legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a002");
export const stationLeg = legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a009");
export const firstCall = callId.parse("c0a8d3f2-6f43-4c1b-b2de-1f7d9a1e0001");
export const secondCall = callId.parse("c0a8d3f2-6f43-4c1b-b2de-1f7d9a1e0002");
export const opening = commandId.parse("a51f0f0e-21b7-4f5e-a9a1-6f8d1c2b0001");

export const me: Me = {
  user: { id: mara, name: "Mara Lenz", email: "mara.lenz@lindenhof.example" },
  organisation: { id: organisationId.parse("lindenhof"), name: "Lindenhof" },
  role: "owner",
};

const door = (id: typeof mainEntrance, name: string): Door => ({
  deviceId: id,
  name,
  site: "Lindenhof 4",
  virtual: false,
  mayAnswer: true,
  openers: [{ output: 1, name: "Street door", pulse: 6_000, confirm: "hold" }],
  online: true,
  since: Date.now() - 3_600_000,
  silentCameras: [],
  last: {
    callId: secondCall,
    at: Date.now() - 4_180_000,
    outcome: "answered",
    answeredBy: "Jonas Adler",
  },
});
export const doors = [door(mainEntrance, "Main entrance"), door(courtyardGate, "Courtyard gate")];

export const welcome = (): ToClient => ({
  type: "welcome",
  protocol: 1,
  now: Date.now(),
  doors: doors.map((one) => ({
    deviceId: one.deviceId,
    online: true,
    since: Date.now() - 3_600_000,
    contact: "closed",
  })),
});

type RingMessage = Extract<ToClient, { type: "ring" }>;

/** The main entrance rings since `age` milliseconds, at Mara's and at Jonas's. */
export const ring = (part: Partial<RingMessage> = {}, age = 6_000): RingMessage => ({
  type: "ring",
  now: Date.now(),
  callId: firstCall,
  legId: ownLeg,
  deviceId: mainEntrance,
  door: "Main entrance",
  site: "Lindenhof 4, street side",
  button: "Reception",
  pressedAt: Date.now() - age,
  ringUntil: Date.now() - age + 30_000,
  receivers: [
    { legId: ownLeg, userId: mara, name: "Mara Lenz", via: "browser", fate: "rang" },
    { legId: jonasLeg, userId: jonas, name: "Jonas Adler", via: "browser", fate: "rang" },
    {
      legId: legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a003"),
      userId: userId.parse("priya"),
      name: "Priya Raman",
      via: "browser",
      fate: "declined",
    },
    {
      legId: legId.parse("0b6f1f3e-53f1-4f0e-8b55-4dd0d9b4a004"),
      userId: userId.parse("elin"),
      name: "Elin Sorby",
      via: "browser",
      fate: "offline",
    },
  ],
  media: { url: "ws://localhost:9", token: "none", stationLegId: stationLeg },
  snapshotUrl: "/api/snapshots/one",
  mayOpen: true,
  ...part,
});

type TalkingMessage = Extract<ToClient, { type: "talking" }>;

/** Mara talks with the main entrance since `age` milliseconds. */
export const talking = (
  part: Partial<TalkingMessage> = {},
  age = 134_000,
  answeredAt = Date.now() - age,
): TalkingMessage => ({
  type: "talking",
  now: answeredAt + age,
  callId: firstCall,
  legId: ownLeg,
  deviceId: mainEntrance,
  door: "Main entrance",
  site: "Lindenhof 4",
  answeredAt,
  warnAt: answeredAt + 570_000,
  endsAt: answeredAt + 600_000,
  media: { url: "ws://localhost:9", token: "none", stationLegId: stationLeg },
  mayOpen: true,
  ...part,
});
