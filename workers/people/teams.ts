/** /api/teams: members under a name, with whom doors are shared together. What a change takes from somebody is gone at once. */
import type { z } from "zod";
import type { teamList, teamMade } from "#core/messages/people.ts";
import { type TeamId, teamId, type UserId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import * as stored from "#db/queries/teams.ts";
import type { Identity } from "../auth/session.ts";
import { accessChanged } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const done = () => new Response(null, { status: 204 });
const unknown = () => problem(404, "no-such-team", "There is no such team here.");
const taken = () => problem(409, "name-taken", "Another team is called so.");

export async function answerTeams(db: OrganisationDb, now: number): Promise<z.input<typeof teamList>> {
  return { teams: await stored.teamList(db, now) };
}

/** 409 where a team is called so already. */
export async function answerNewTeam(
  db: OrganisationDb,
  by: Identity,
  name: string,
  now: number,
): Promise<z.input<typeof teamMade> | Response> {
  const id = teamId.parse(crypto.randomUUID());
  return (await stored.makeTeam(db, by, id, name, now)) ? { teamId: id } : taken();
}

export async function answerTeamName(
  db: OrganisationDb,
  by: Identity,
  id: TeamId,
  name: string,
  now: number,
): Promise<Response> {
  if (await stored.renameTeam(db, by, id, name, now)) return done();
  return (await stored.teamList(db, now)).some((team) => team.teamId === id) ? taken() : unknown();
}

export async function answerEndingTeam(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  id: TeamId,
  now: number,
): Promise<Response> {
  const people = await stored.endTeam(db, by, id, now);
  if (!people) return unknown();
  await Promise.all(people.map((who) => accessChanged(env, db.organisationId, who)));
  return done();
}

interface Membership {
  teamId: TeamId;
  userId: UserId;
}

/** 204, also for whoever is in it already; 404 for no such team or person. */
export async function answerJoiningTeam(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  { teamId: id, userId: who }: Membership,
  now: number,
): Promise<Response> {
  if (!(await stored.joinTeam(db, by, id, who, now)))
    return (await stored.membersOf(db, id)).includes(who)
      ? done()
      : problem(404, "not-found", "There is no such team or person here.");
  await accessChanged(env, db.organisationId, who);
  return done();
}

export async function answerLeavingTeam(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  { teamId: id, userId: who }: Membership,
  now: number,
): Promise<Response> {
  if (!(await stored.leaveTeam(db, by, id, who, now))) return problem(404, "not-found", "They are in no such team.");
  await accessChanged(env, db.organisationId, who);
  return done();
}
