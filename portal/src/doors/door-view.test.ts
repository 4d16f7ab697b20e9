import { expect, it } from "vitest";
import { door as doorSchema } from "#core/messages/portal-api.ts";
import { callId, commandId, deviceId, legId } from "#core/messages/values.ts";
import { emptyState, type LiveState, type Ring } from "../live/state.ts";
import { doorView, inOrder } from "./door-view.ts";

const now = 1_764_000_000_000;
const id = deviceId.parse("0b6f2c7e-5a54-4a3c-9d56-0a1b2c3d4e5f");
const thisCall = callId.parse("7d1c3c55-0d51-4a8b-8a51-9d2f6c0e1b11");
const door = doorSchema.parse({
  deviceId: id,
  name: "Main entrance",
  site: "Lindenhof 4",
  virtual: false,
  mayAnswer: true,
  openers: [{ output: 1, name: "Street door", pulse: 6_000, confirm: "hold" }],
  online: true,
  since: now - 60_000,
});
const ring: Ring = {
  callId: thisCall,
  legId: legId.parse("3c1c3c55-0d51-4a8b-8a51-9d2f6c0e1b11"),
  deviceId: id,
  door: door.name,
  site: door.site,
  button: "Reception",
  pressedAt: now - 6_000,
  ringUntil: now + 24_000,
  receivers: [],
  mayOpen: true,
  receivedAt: now - 6_000,
  acknowledged: true,
  silenced: false,
  camera: false,
  small: false,
  phase: "ringing",
};
const live = (part: Partial<LiveState> = {}): LiveState => ({
  ...emptyState(now),
  welcomes: part.doors ? 1 : 0,
  ...part,
});
const online = { deviceId: id, online: true, since: now - 1_000, contact: "closed" as const };
const opening = (part: object) => ({
  [id]: {
    deviceId: id,
    commandId: commandId.parse("5a1c3c55-0d51-4a8b-8a51-9d2f6c0e1b11"),
    mine: true,
    state: "confirmed" as const,
    at: now - 2_000,
    ...part,
  },
});

it("shows the list's state until the live one is known", () => {
  expect(doorView(door, live(), now)).toEqual({ kind: "rest", contact: "none" });
  expect(doorView({ ...door, online: false }, live(), now)).toEqual({ kind: "offline", since: now - 60_000 });
});

it("believes the live state over the list", () => {
  const away = { ...online, online: false, since: now - 500 };
  expect(doorView(door, live({ doors: { [id]: away } }), now)).toEqual({ kind: "offline", since: now - 500 });
});

it("takes a door that the edge does not know for one that never registered", () => {
  expect(doorView(door, live({ doors: {} }), now)).toEqual({ kind: "offline", since: now - 60_000 });
});

it("shows that it rings here before anything else", () => {
  const state = live({ doors: { [id]: online }, rings: [ring], commands: opening({}) });
  expect(doorView(door, state, now)).toMatchObject({ kind: "ringing", since: now - 6_000, ring: { callId: thisCall } });
});

it("no longer rings here once the ring ended", () => {
  expect(doorView(door, live({ doors: { [id]: online }, rings: [{ ...ring, phase: "ended" }] }), now)).toEqual({
    kind: "rest",
    contact: "closed",
  });
});

it("shows a door that rings or talks with others", () => {
  const ringing = { ...online, call: { callId: thisCall, phase: "ringing" as const, since: now - 3_000 } };
  expect(doorView(door, live({ doors: { [id]: ringing } }), now)).toEqual({ kind: "ringing", since: now - 3_000 });
  const talking = { ...online, call: { ...ringing.call, phase: "talking" as const, with: "Jonas Adler" } };
  expect(doorView(door, live({ doors: { [id]: talking } }), now)).toEqual({
    kind: "talking",
    since: now - 3_000,
    with: "Jonas Adler",
    you: false,
  });
});

it("counts an opening down to its end, and says whose it is", () => {
  const state = live({ doors: { [id]: online }, commands: opening({ by: "Mara Lenz" }) });
  expect(doorView(door, state, now)).toEqual({ kind: "open", seconds: 4, by: "Mara Lenz", you: true });
  expect(doorView(door, state, now + 4_001)).toEqual({ kind: "rest", contact: "closed" });
});

it("is asking, not open, until the door confirmed", () => {
  for (const state of ["asking", "sent"] as const) {
    expect(doorView(door, live({ doors: { [id]: online }, commands: opening({ state }) }), now).kind).toBe("asking");
  }
});

it("puts what rings here in front and leaves the rest in place", () => {
  const tile = (name: string, view: ReturnType<typeof doorView>) => ({ name, view });
  const rest = { kind: "rest", contact: "closed" } as const;
  const tiles = [
    tile("a", rest),
    tile("b", { kind: "ringing", since: now, ring }),
    tile("c", { kind: "ringing", since: now }),
  ];
  expect(inOrder(tiles).map((one) => one.name)).toEqual(["b", "a", "c"]);
});
