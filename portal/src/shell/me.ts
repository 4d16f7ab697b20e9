import { useSuspenseQuery } from "@tanstack/react-query";
import type { Me } from "#core/messages/portal-api.ts";
import { meQuery } from "../api/queries.ts";

/** Who is signed in. Only below the signed-in route, which has asked already. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}
