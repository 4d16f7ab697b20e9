import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { me } from "#core/messages/portal-api.ts";
import { meQuery } from "../api/queries.ts";
import { isWithoutOrganisation, request } from "../api/request.ts";
import { useLivePart } from "../live/hooks.ts";

const others = { predicate: ({ queryKey }: { queryKey: QueryKey }) => queryKey[0] !== meQuery.queryKey[0] };

/**
 * Asks anew who is signed in, as what and where, and for what is shown. In another organisation everything begins anew: its
 * doors page opens, and nothing that was read in the one before is kept.
 */
export function useLookAgain(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async () => {
    try {
      const now = await request(me, "/api/me");
      const before = queries.getQueryData(meQuery.queryKey);
      if (now.organisation.id === before?.organisation.id) {
        void queries.invalidateQueries(others);
      } else {
        await navigate({ to: "/" });
        // Reset and not removed: it may be asked for already, where this is asked twice at once.
        void queries.resetQueries(others);
      }
      queries.setQueryData(meQuery.queryKey, now);
    } catch (error) {
      if (!isWithoutOrganisation(error)) throw error;
      await navigate({ to: "/no-organisation" });
      void queries.resetQueries();
    }
  }, [queries, navigate]);
}

/**
 * The edge closes a socket whose person may do something else from now on, or works elsewhere, also by another tab. And what
 * happened while there was none was not heard.
 */
export function useWhereabouts(): void {
  const lookAgain = useLookAgain();
  const welcomes = useLivePart((state) => state.welcomes);
  const away = useLivePart((state) => state.connection === "offline");
  useEffect(() => {
    // Where it can't be asked, the bar on top says why, and the next welcome asks again.
    if (away || welcomes > 1) lookAgain().catch(() => undefined);
  }, [away, welcomes, lookAgain]);
}
