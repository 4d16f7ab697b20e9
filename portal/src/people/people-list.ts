/** Whom the list of people shows, and where somebody gets to. Pure. */
import { reachesEverywhere } from "#core/access/permissions.ts";
import type { Person } from "#core/messages/people.ts";
import type { Role } from "#core/messages/portal-api.ts";

export interface PeopleFilter {
  role?: Role;
  search?: string;
}

/** Every word typed is in the name, the address, or the name of a place that is shared with them. */
function found({ name, email, shares }: Person, search: string | undefined): boolean {
  const all = [name, email, ...shares.map((share) => share.name)].join("\n").toLowerCase();
  const words = search?.toLowerCase().split(/\s+/) ?? [];
  return words.every((word) => all.includes(word));
}

export const filtered = (people: readonly Person[], { role, search }: PeopleFilter): Person[] =>
  people.filter((person) => (role === undefined || person.role === role) && found(person, search));

/** Everywhere by their role, or where something is shared with them: the first two by name, and how many more. */
export function reachOf({ role, shares }: Person): "everywhere" | "nowhere" | { places: string[]; more: number } {
  if (reachesEverywhere(role)) return "everywhere";
  if (shares.length === 0) return "nowhere";
  const shown = shares.length > 3 ? 2 : shares.length;
  return { places: shares.slice(0, shown).map(({ name }) => name), more: shares.length - shown };
}
