import { useSuspenseQuery } from "@tanstack/react-query";
import type { Me } from "#core/messages/portal-api.ts";
import { meQuery } from "../api/queries.ts";

/** Who is signed in. Only in routes for who is signed in, which have asked already. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}
