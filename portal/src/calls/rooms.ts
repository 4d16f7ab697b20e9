/** Which rooms this tab is in, as it follows from the live state: those of what rings here, and that of the call. */
import type { MediaAccess } from "#core/messages/client.ts";
import type { Live } from "../live/client.ts";
import type { LiveState } from "../live/state.ts";
import type { CallRoom, RoomView } from "./room.ts";

/** More rings than this at once are shown by their snapshots: each room costs a connection. */
const mostRooms = 3;

export interface Rooms {
  get(callId: string | undefined): CallRoom | undefined;
  view(callId: string | undefined): RoomView | undefined;
  subscribe(call: () => void): () => void;
  close(): void;
}

export interface Wanted {
  callId: string;
  media: MediaAccess;
  /** `hear`: the station is heard, and this browser gives nothing. */
  stage: "listen" | "prepare" | "prepublish" | "hear" | "talk";
  camera: boolean;
}

/** Pure: the call first, then what rings, in its order. */
export function wantedRooms(state: LiveState): Wanted[] {
  const wanted: Wanted[] = [];
  const { call } = state;
  if (call?.callId && call.media && (call.phase === "calling" || call.phase === "talking")) {
    const stage = call.phase === "talking" ? (call.held ? "hear" : "talk") : call.held ? "listen" : "prepublish";
    wanted.push({ callId: call.callId, media: call.media, stage, camera: call.camera });
  }
  for (const one of state.rings) {
    if (one.phase === "ended" || !one.media) continue;
    const stage = one.phase === "answering" ? "prepare" : "listen";
    wanted.push({ callId: one.callId, media: one.media, stage, camera: false });
  }
  return wanted.slice(0, mostRooms);
}

/** After this long without a word that the room is there, joining is tried all the same. Milliseconds. */
const readyPatience = 1_500;

/** A room that could not be joined, or was lost for good, is tried anew after this. Milliseconds. */
const rejoinAfter = 2_000;

export function createRooms(live: Live): Rooms {
  const library = import("./room.ts");
  const rooms = new Map<string, { room: CallRoom; media: MediaAccess; stop(): void }>();
  /** Calls whose room was waited for: false while waiting, true once the patience is over. */
  const patience = new Map<string, boolean>();
  const retries = new WeakSet<CallRoom>();
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const call of listeners) call();
  };
  let joinRoom: Awaited<typeof library>["joinRoom"] | undefined;
  void library.then((loaded) => {
    joinRoom = loaded.joinRoom;
    sync();
  });

  function leave(callId: string) {
    const one = rooms.get(callId);
    rooms.delete(callId);
    one?.stop();
    one?.room.leave();
  }
  function enter(one: Wanted) {
    if (!joinRoom) return;
    const { callId } = one;
    const room = joinRoom(one.media, (flowing) => {
      const call = live.get().call;
      if (call?.callId === callId) live.sayMedia(call.callId, flowing);
    });
    rooms.set(callId, { room, media: one.media, stop: room.subscribe(() => onRoomChange(callId, room)) });
    tell();
  }
  function onRoomChange(callId: string, room: CallRoom) {
    tell();
    if (room.get().link !== "lost" || retries.has(room)) return;
    retries.add(room);
    setTimeout(() => {
      if (rooms.get(callId)?.room !== room || room.get().link !== "lost") return;
      leave(callId);
      sync();
    }, rejoinAfter);
  }
  function sync() {
    const wanted = live.leads() ? wantedRooms(live.get()) : [];
    for (const callId of rooms.keys()) {
      if (!wanted.some((one) => one.callId === callId)) leave(callId);
    }
    for (const one of wanted) {
      const here = rooms.get(one.callId);
      // A room that was lost is joined again with a new token (after a reconnect), and when the edge says it is there now.
      const news = here && (here.media.token !== one.media.token || (!here.media.ready && one.media.ready));
      if (news && here.room.get().link === "lost") leave(one.callId);
      if (!rooms.has(one.callId)) {
        if (one.media.ready || patience.get(one.callId)) enter(one);
        else waitForReady(one.callId);
      }
      const room = rooms.get(one.callId)?.room;
      if (one.stage === "prepare") room?.prepare();
      if (one.stage === "prepublish") room?.prepublish();
      if (one.stage === "hear") room?.hear();
      if (one.stage === "talk") room?.talk(one.camera);
    }
    for (const callId of patience.keys()) {
      if (!wanted.some((one) => one.callId === callId)) patience.delete(callId);
    }
    tell();
  }
  function waitForReady(callId: string) {
    if (patience.has(callId)) return;
    patience.set(callId, false);
    setTimeout(() => {
      if (!patience.has(callId)) return;
      patience.set(callId, true);
      sync();
    }, readyPatience);
  }
  const stop = live.subscribe(sync);
  sync();

  return {
    get: (callId) => (callId === undefined ? undefined : rooms.get(callId)?.room),
    view: (callId) => (callId === undefined ? undefined : rooms.get(callId)?.room.get()),
    subscribe(call) {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    close() {
      stop();
      for (const callId of rooms.keys()) leave(callId);
    },
  };
}
