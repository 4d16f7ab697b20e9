/** How components see the live client. */
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { DoorState } from "#core/messages/client.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { Availability } from "./availability.ts";
import { isAvailable } from "./availability.ts";
import type { Live } from "./client.ts";
import { useFollowed } from "./drawing.ts";
import type { DoorCommand, LiveState } from "./state.ts";

export const LiveContext = createContext<Live | undefined>(undefined);

/** The client itself: what a person can do. Steady over renders. */
export function useLiveClient(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("No CallsProvider above this component");
  return live;
}

/** Connection, rings, the call, the history's newest change: everything, live. */
export function useLive(): LiveState {
  const live = useLiveClient();
  return useFollowed(live.subscribe, live.get);
}

/** One part of the live state; renders only when that part changes. `pick` must return what is kept, not make it anew. */
export function useLivePart<T>(pick: (state: LiveState) => T): T {
  const live = useLiveClient();
  return useFollowed(live.subscribe, () => pick(live.get()));
}

/** Every door's live state, by device. A door not in it is not known yet. */
export function useDoorStates(): Record<string, DoorState> {
  return useLivePart((state) => state.doors);
}

/** The newest opening of one door, unless it was by another of its outputs than that, and how to ask for one by it. */
export function useDoorCommand(deviceId: DeviceId, output?: number): { command?: DoorCommand; open(): void } {
  const live = useLiveClient();
  const newest = useLivePart((state) => state.commands[deviceId]);
  const isOther = newest?.output !== undefined && output !== undefined && newest.output !== output;
  const command = isOther ? undefined : newest;
  return useMemo(() => ({ command, open: () => live.openDoor(deviceId, output) }), [command, live, deviceId, output]);
}

/** Whether this browser rings, and the one click that makes it. */
export function useAvailability(): Availability & {
  available: boolean;
  turnSoundOn(): Promise<boolean>;
  setWished(wished: boolean): void;
} {
  const { availability } = useLiveClient();
  const state = useSyncExternalStore(availability.subscribe, availability.get);
  return useMemo(
    () => ({
      ...state,
      available: isAvailable(state),
      turnSoundOn: availability.turnSoundOn,
      setWished: availability.setWished,
    }),
    [state, availability],
  );
}

/** The edge's time, milliseconds, fresh every `every` milliseconds: for timers that count towards the edge's moments. */
export function useNow(every: number): number {
  const offset = useLivePart((state) => state.offset);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now + offset;
}
