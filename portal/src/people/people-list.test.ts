import { expect, it } from "vitest";
import { type Person, person, type Team, teamList } from "#core/messages/people.ts";
import { filtered, lostWith, reachOf } from "./people-list.ts";

const share = (name: string, n: number) => ({ shareId: `00000000-0000-4000-8000-00000000000${n}`, name });
const make = (name: string, role: string, ...places: string[]): Person =>
  person.parse({
    ...{ userId: name, name, email: `${name.toLowerCase()}@example.com`, role, since: 0, here: false, mayChange: true },
    shares: places.map(share),
  });

it("finds a person by name, address, role, or what is shared with them", () => {
  const people = [make("Mara", "owner"), make("Tom", "resident", "Main entrance")];
  const names = (filter: Parameters<typeof filtered>[1]) => filtered(people, filter).map(({ name }) => name);
  expect(names({})).toEqual(["Mara", "Tom"]);
  expect(names({ search: "entrance tom@" })).toEqual(["Tom"]);
  expect(names({ search: "tom", role: "owner" })).toEqual([]);
});

it("says where somebody gets to, in one line", () => {
  expect(reachOf(make("Mara", "installer", "Main entrance"))).toBe("everywhere");
  expect(reachOf(make("Elin", "viewer"))).toBe("nowhere");
  expect(reachOf(make("Tom", "resident", "A", "B", "C"))).toEqual({ places: ["A", "B", "C"], more: 0 });
  expect(reachOf(make("Tom", "resident", "A", "B", "C", "D"))).toEqual({ places: ["A", "B"], more: 2 });
});

it("counts what a person's teams are given as theirs, once", () => {
  const elin = make("Elin", "viewer", "Main entrance");
  const team = (members: string[], ...places: string[]): Team[] =>
    teamList.parse({
      teams: [{ teamId: "00000000-0000-4000-8000-0000000000f1", name: "Porters", members, shares: places.map(share) }],
    }).teams;
  expect(reachOf(elin, team(["Elin"], "Main entrance", "Hafenkai 12"))).toEqual({
    places: ["Main entrance", "Hafenkai 12"],
    more: 0,
  });
  expect(filtered([elin], { search: "hafenkai" }, team(["Elin"], "Hafenkai 12"))).toEqual([elin]);
  expect(filtered([elin], { search: "hafenkai" }, team(["Tom"], "Hafenkai 12"))).toEqual([]);
});

it("says who gets somewhere by a team alone", () => {
  const at = (n: number) => `00000000-0000-4000-8000-0000000000${n}`;
  const door = { shareId: at(11), name: "Gate", deviceId: at(21) };
  const site = { shareId: at(12), name: "Hafenkai 12", siteId: at(31) };
  const given = (name: string, role: string, ...shares: object[]) => person.parse({ ...make(name, role), shares });
  const people = [
    given("Anna", "resident"),
    given("Ben", "resident", door),
    given("Carl", "resident", site),
    given("Dora", "installer"),
    given("Emil", "resident"),
  ];
  const members = ["Anna", "Ben", "Carl", "Dora"];
  const { teams } = teamList.parse({
    teams: [
      { teamId: at(41), name: "Porters", members, shares: [door, site] },
      { teamId: at(42), name: "Night", members: ["Emil", "Anna"], shares: [door] },
    ],
  });
  const lost = (all: Team[]) =>
    lostWith(teams[0]!, people, all, () => at(31)).map(({ person: { name }, places }) => [name, ...places]);
  expect(lost(teams.slice(0, 1))).toEqual([
    ["Anna", "Gate", "Hafenkai 12"],
    ["Ben", "Hafenkai 12"],
  ]);
  expect(lost(teams)).toEqual([
    ["Anna", "Hafenkai 12"],
    ["Ben", "Hafenkai 12"],
  ]);
});
