/** Teams: members under a name, with whom doors are shared together. */
import { z } from "@hono/zod-openapi";
import { shareBody, teamBody, teamList, teamMade } from "#core/messages/people.ts";
import { teamId, userId } from "#core/messages/values.ts";
import { type Route, route } from "../http/route.ts";
import { answerSharing } from "../people/shares.ts";
import {
  answerEndingTeam,
  answerJoiningTeam,
  answerLeavingTeam,
  answerNewTeam,
  answerTeamName,
  answerTeams,
} from "../people/teams.ts";

const ofTeam = z.object({ teamId });
const ofMember = z.object({ teamId, userId });

export const teamRoutes: Route[] = [
  route(
    "get",
    "/api/teams",
    "see-people",
    { summary: "The teams, who is in them, and what is shared with them", answer: teamList },
    ({ db, now }) => answerTeams(db, now),
  ),
  route(
    "post",
    "/api/teams",
    "change-teams",
    { summary: "A new team", takes: teamBody, answer: teamMade },
    ({ db, identity, body, now }) => answerNewTeam(db, identity, body.name, now),
  ),
  route(
    "patch",
    "/api/teams/{teamId}",
    "change-teams",
    { summary: "Call a team otherwise", params: ofTeam, takes: teamBody },
    ({ db, identity, params, body, now }) => answerTeamName(db, identity, params.teamId, body.name, now),
  ),
  route(
    "delete",
    "/api/teams/{teamId}",
    "change-teams",
    { summary: "End a team, with what is shared with it", params: ofTeam },
    ({ env, db, identity, params, now }) => answerEndingTeam(env, db, identity, params.teamId, now),
  ),
  route(
    "put",
    "/api/teams/{teamId}/members/{userId}",
    "change-teams",
    { summary: "Take a member into a team", params: ofMember },
    ({ env, db, identity, params, now }) => answerJoiningTeam(env, db, identity, params, now),
  ),
  route(
    "delete",
    "/api/teams/{teamId}/members/{userId}",
    "change-teams",
    { summary: "Take a member out of a team", params: ofMember },
    ({ env, db, identity, params, now }) => answerLeavingTeam(env, db, identity, params, now),
  ),
  route(
    "post",
    "/api/teams/{teamId}/shares",
    "share-access",
    { summary: "Share a door, or every door of a site, with a team", params: ofTeam, takes: shareBody },
    ({ env, db, identity, params, body, now }) => answerSharing(env, db, identity, params, body, now),
  ),
];
