/** Whom the list of people shows, and where somebody gets to. Pure. */
import { reachesEverywhere } from "#core/access/permissions.ts";
import type { Person, Share, Team } from "#core/messages/people.ts";
import type { Role } from "#core/messages/portal-api.ts";

/** What is shared with somebody: with themselves, or with a team of theirs. */
export type Given = Share & { team?: string };

export function givenTo(person: Person, teams: readonly Team[]): Given[] {
  const own = teams.filter(({ members }) => members.includes(person.userId));
  return [...person.shares, ...own.flatMap(({ name, shares }) => shares.map((share) => ({ ...share, team: name })))];
}

/** Whether who is given one thing gets to another by it. @param siteOf where a device stands */
function covers(given: Share, other: Share, siteOf: (deviceId: string) => string | undefined): boolean {
  if (given.siteId === undefined) return given.deviceId === other.deviceId;
  return given.siteId === (other.deviceId === undefined ? other.siteId : siteOf(other.deviceId));
}

/** Who gets somewhere by a team alone, and where: what goes with it. @param siteOf where a device stands */
export function lostWith(
  team: Team,
  people: readonly Person[],
  teams: readonly Team[],
  siteOf: (deviceId: string) => string | undefined,
): { person: Person; places: string[] }[] {
  const others = teams.filter(({ teamId }) => teamId !== team.teamId);
  return people
    .filter(({ userId, role }) => team.members.includes(userId) && !reachesEverywhere(role))
    .map((person) => {
      const kept = givenTo(person, others);
      const lost = team.shares.filter((share) => !kept.some((given) => covers(given, share, siteOf)));
      return { person, places: lost.map(({ name }) => name) };
    })
    .filter(({ places }) => places.length > 0);
}

export interface PeopleFilter {
  role?: Role;
  search?: string;
}

/** Every word typed is in the name, the address, or the name of a place they are given. */
function found(person: Person, search: string | undefined, teams: readonly Team[]): boolean {
  const places = givenTo(person, teams).map(({ name }) => name);
  const all = [person.name, person.email, ...places].join("\n").toLowerCase();
  const words = search?.toLowerCase().split(/\s+/) ?? [];
  return words.every((word) => all.includes(word));
}

export const filtered = (
  people: readonly Person[],
  { role, search }: PeopleFilter,
  teams: readonly Team[] = [],
): Person[] => people.filter((person) => (role === undefined || person.role === role) && found(person, search, teams));

/** Everywhere by their role, or where they are given something: the first two by name, and how many more. */
export function reachOf(
  person: Person,
  teams: readonly Team[] = [],
): "everywhere" | "nowhere" | { places: string[]; more: number } {
  if (reachesEverywhere(person.role)) return "everywhere";
  const names = [...new Set(givenTo(person, teams).map(({ name }) => name))];
  if (names.length === 0) return "nowhere";
  const shown = names.length > 3 ? 2 : names.length;
  return { places: names.slice(0, shown), more: names.length - shown };
}
