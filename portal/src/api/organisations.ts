/** Where a person belongs, and coming in, moving between organisations and leaving. */
import { queryOptions } from "@tanstack/react-query";
import { offer, organisationList } from "#core/messages/people.ts";
import type { OrganisationId } from "#core/messages/values.ts";
import { request, send } from "./request.ts";

export const organisationsQuery = queryOptions({
  queryKey: ["organisations"],
  queryFn: async ({ signal }) => (await request(organisationList, "/api/organisations", { signal })).organisations,
  staleTime: 60_000,
});

/** From here on this browser works there, in all its tabs. */
export const enterOrganisation = async (id: OrganisationId): Promise<void> => {
  await send(`/api/organisations/${encodeURIComponent(id)}/enter`, { method: "POST" });
};

/** For who belongs to none. @throws ApiError */
export const foundOrganisation = async (name: string): Promise<void> => {
  await send("/api/organisations", { method: "POST", body: { name } });
};

/** @throws ApiError `last-owner` */
export const leaveOrganisation = async (): Promise<void> => {
  await send("/api/leave", { method: "POST" });
};

/** What an invitation holds out. @throws ApiError 410 `invitation-…` that says how it ended, or `no-such-invitation` */
export const offerQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => request(offer, "/api/invitation", { method: "POST", body: { token }, signal }),
  });

/** @throws ApiError as `offerQuery` */
export const answerInvitation = async (token: string, answer: "accept" | "decline"): Promise<void> => {
  await send(`/api/invitation/${answer}`, { method: "POST", body: { token } });
};
