/** Handing the organisation on to another owner: the offers, making one, and how it ends. */
import { queryOptions } from "@tanstack/react-query";
import { ownershipOffers } from "#core/messages/transfers.ts";
import { request, send } from "./request.ts";

export const ownershipQuery = queryOptions({
  // With the people: who is what among them changes with it.
  queryKey: ["people", "ownership"],
  queryFn: async ({ signal }) => (await request(ownershipOffers, "/api/ownership", { signal })).offers,
  staleTime: 60_000,
});

const ofOffer = (offerId: string) => `/api/ownership/${encodeURIComponent(offerId)}`;

/** The offer before holds no more. */
export const offerOwnership = (userId: string) => send("/api/ownership", { method: "POST", body: { userId } });
/** Withdraws one's own, or refuses one that was made to oneself. */
export const endOwnershipOffer = (offerId: string) => send(ofOffer(offerId), { method: "DELETE" });
export const takeOwnership = (offerId: string) => send(`${ofOffer(offerId)}/take`, { method: "POST" });
