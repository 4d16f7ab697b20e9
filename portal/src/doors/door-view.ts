/** What a door's tile shows, from the list, the live state, the calls and the newest opening. Pure. */
import type { DoorState } from "#core/messages/client.ts";
import type { Door } from "#core/messages/portal-api.ts";
import { commanded, holdView } from "../calls/hold-state.ts";
import { type DoorCommand, isOnline, type LiveState, type Ring } from "../live/state.ts";

export type DoorView =
  /** `ring`: it rings here too. */
  | { kind: "ringing"; since: number; ring?: Ring }
  /** `you`: in a call with this browser. */
  | { kind: "talking"; since: number; with?: string; you: boolean }
  | { kind: "open"; seconds?: number; by?: string; you: boolean }
  | { kind: "asking" }
  | { kind: "offline"; since: number }
  | { kind: "rest"; contact: DoorState["contact"] };

type Known = Pick<LiveState, "welcomes" | "doors" | "rings" | "call" | "commands">;

/** @param now the edge's time, milliseconds */
export function doorView(door: Door, live: Known, now: number): DoorView {
  const state = live.doors[door.deviceId];
  const ring = live.rings.find((one) => one.deviceId === door.deviceId && one.phase !== "ended");
  if (ring) return { kind: "ringing", since: ring.pressedAt, ring };

  const opening = openingView(live.commands[door.deviceId], now, door);
  if (opening) return opening;

  const call = state?.call;
  if (call?.phase === "talking") {
    return { kind: "talking", since: call.since, with: call.with, you: live.call?.callId === call.callId };
  }
  if (call?.phase === "ringing") return { kind: "ringing", since: call.since };
  if (!isOnline(live, door)) return { kind: "offline", since: state?.since ?? door.since };
  return { kind: "rest", contact: state?.contact ?? "none" };
}

function openingView(command: DoorCommand | undefined, now: number, door: Door): DoorView | undefined {
  const view = holdView(command, true, now, command && commanded(command, door)?.pulse);
  if (view.kind === "open")
    return { kind: "open", seconds: view.seconds, by: command?.by, you: command?.mine ?? false };
  return view.kind === "asking" || view.kind === "other" ? { kind: "asking" } : undefined;
}

/** What rings stands in front; else the list's order stays, so that a door is where it was. */
export function inOrder<T extends { view: DoorView }>(tiles: readonly T[]): T[] {
  const rings = (tile: T) => tile.view.kind === "ringing" && tile.view.ring !== undefined;
  return [...tiles.filter(rings), ...tiles.filter((tile) => !rings(tile))];
}

/** How often the view changes by time alone. Milliseconds. */
export function pace(view: DoorView): number {
  if (view.kind === "open" || view.kind === "asking") return 250;
  return view.kind === "ringing" || view.kind === "talking" ? 1_000 : 60_000;
}
