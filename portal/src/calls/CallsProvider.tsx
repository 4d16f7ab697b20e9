import { type ReactNode, useEffect, useState } from "react";
import { createLive, type Live } from "../live/client.ts";
import { LiveContext } from "../live/hooks.ts";
import { CallsLayer } from "./CallsLayer.tsx";
import { createRooms, type Rooms } from "./rooms.ts";
import { RoomsContext } from "./use-room.ts";

/** Mounted once, above every page of a signed-in person: a call rings wherever they are. */
export function CallsProvider({ children }: { children: ReactNode }) {
  const [parts, setParts] = useState<{ live: Live; rooms: Rooms }>();
  useEffect(() => {
    const live = createLive(`${location.origin.replace(/^http/, "ws")}/api/live`);
    const rooms = createRooms(live);
    setParts({ live, rooms });
    return () => {
      rooms.close();
      live.close();
    };
  }, []);
  if (!parts) return null;
  return (
    <LiveContext value={parts.live}>
      <RoomsContext value={parts.rooms}>
        {children}
        <CallsLayer />
      </RoomsContext>
    </LiveContext>
  );
}
