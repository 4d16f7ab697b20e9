/** The room of a call, as this tab is in it. */
import { createContext, useContext } from "react";
import { useFollowed } from "../live/drawing.ts";
import type { CallRoom, RoomView } from "./room.ts";
import type { Rooms } from "./rooms.ts";

export const RoomsContext = createContext<Rooms | undefined>(undefined);

function useRooms(): Rooms {
  const rooms = useContext(RoomsContext);
  if (!rooms) throw new Error("No CallsProvider above this component");
  return rooms;
}

/** What can be done in it. Undefined in a tab that does not lead, and until it is joined. */
export function useRoom(callId: string | undefined): CallRoom | undefined {
  const rooms = useRooms();
  return useFollowed(rooms.subscribe, () => rooms.get(callId));
}

/** How it is: pictures, microphone, connection. */
export function useRoomView(callId: string | undefined): RoomView | undefined {
  const rooms = useRooms();
  return useFollowed(rooms.subscribe, () => rooms.view(callId));
}
