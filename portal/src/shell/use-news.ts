import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ownershipQuery } from "../api/ownership-queries.ts";
import { useLivePart } from "../live/hooks.ts";

/** When a call is recorded, everything that shows calls is asked for again. */
export function useRecordedCalls(): void {
  const queries = useQueryClient();
  const recorded = useLivePart((state) => state.recorded);
  useEffect(() => {
    if (recorded.count === 0) return;
    void queries.invalidateQueries({ queryKey: ["calls"] });
    void queries.invalidateQueries({ queryKey: ["doors"] });
    if (recorded.callId) void queries.invalidateQueries({ queryKey: ["call", recorded.callId] });
  }, [queries, recorded]);
}

/** When a device came, went or said something of itself, what shows it is asked for again. */
export function useChangedDevices(): void {
  const queries = useQueryClient();
  const changed = useLivePart((state) => state.changed);
  useEffect(() => {
    if (changed.count === 0) return;
    void queries.invalidateQueries({ queryKey: ["devices"] });
    if (changed.deviceId) void queries.invalidateQueries({ queryKey: ["device", changed.deviceId] });
  }, [queries, changed]);
  useEffect(() => {
    if (changed.doors > 0) void queries.invalidateQueries({ queryKey: ["doors"] });
  }, [queries, changed.doors]);
}

/** When the organisation was offered by or to this person, or that is over, the offers are asked for again. */
export function useChangedOffers(): void {
  const queries = useQueryClient();
  const offers = useLivePart((state) => state.offers);
  useEffect(() => {
    if (offers > 0) void queries.invalidateQueries(ownershipQuery);
  }, [queries, offers]);
}
