import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
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
