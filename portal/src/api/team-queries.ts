/** What the portal asks the edge about teams, and how it changes them. */
import { queryOptions } from "@tanstack/react-query";
import { teamList, teamMade } from "#core/messages/people.ts";
import { request, send } from "./request.ts";

export const teamsQuery = queryOptions({
  // With the people: what is shared with a team, they are given.
  queryKey: ["people", "teams"],
  queryFn: async ({ signal }) => (await request(teamList, "/api/teams", { signal })).teams,
  staleTime: 15_000,
});

export const ofTeam = (teamId: string) => `/api/teams/${encodeURIComponent(teamId)}`;
const member = (teamId: string, userId: string) => `${ofTeam(teamId)}/members/${encodeURIComponent(userId)}`;

/** @throws ApiError `name-taken` */
export const makeTeam = (name: string) => request(teamMade, "/api/teams", { method: "POST", body: { name } });
/** @throws ApiError `name-taken` */
export const renameTeam = (teamId: string, name: string) => send(ofTeam(teamId), { method: "PATCH", body: { name } });
export const endTeam = (teamId: string) => send(ofTeam(teamId), { method: "DELETE" });
export const joinTeam = (teamId: string, userId: string) => send(member(teamId, userId), { method: "PUT" });
export const leaveTeam = (teamId: string, userId: string) => send(member(teamId, userId), { method: "DELETE" });
