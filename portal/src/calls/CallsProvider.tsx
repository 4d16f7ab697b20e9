import { type ReactNode, useEffect, useState } from "react";
import { createLive, type Live } from "../live/client.ts";
import { LiveContext } from "../live/hooks.ts";

/** Mounted once, above every page of a signed-in person: a call rings wherever they are. */
export function CallsProvider({ children }: { children: ReactNode }) {
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    const made = createLive(`${location.origin.replace(/^http/, "ws")}/api/live`);
    setLive(made);
    return () => made.close();
  }, []);
  if (!live) return null;
  return <LiveContext value={live}>{children}</LiveContext>;
}
