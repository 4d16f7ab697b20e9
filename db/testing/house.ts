/** Rows for tests: an organisation with people and a door, and calls at that door. */
import { reachesEverywhere } from "#core/access/permissions.ts";
import type { CallRecord } from "#core/call/record.ts";
import type { Role } from "#core/messages/portal-api.ts";
import { callId, commandId, deviceId, legId, organisationId, userId } from "#core/messages/values.ts";
import { type Db, organisationDb } from "../client.ts";
import { session, user } from "../schema/account.ts";
import { device, deviceButton, doorOutput } from "../schema/device.ts";
import { member, organisation, site } from "../schema/organisation.ts";
import { share } from "../schema/people.ts";

/** An organisation with these people and a door, at which all of them get to. */
export async function makeHouse(platform: Db, people: Record<string, Role> = { Mara: "owner" }) {
  const id = organisationId.parse(crypto.randomUUID());
  const db = organisationDb(platform, id);
  const siteId = crypto.randomUUID();
  const door = deviceId.parse(crypto.randomUUID());
  const persons = Object.entries(people).map(([name, role]) => ({
    id: userId.parse(`${name}-${id}`),
    name,
    role,
    token: crypto.randomUUID(),
  }));
  await db.batch([
    db.insert(organisation).values({ id, name: "House" }),
    db
      .insert(user)
      .values(
        persons.map(({ id, name }) => ({ id, name, email: `${id}@example.com`.toLowerCase(), emailVerified: true })),
      ),
    db.insert(member).values(persons.map((person) => ({ organisationId: id, userId: person.id, role: person.role }))),
    db.insert(session).values(
      persons.map((person) => ({
        id: crypto.randomUUID(),
        token: person.token,
        userId: person.id,
        expiresAt: new Date(Date.now() + 3_600_000),
      })),
    ),
    db.insert(site).values({ id: siteId, organisationId: id, name: "Lindenhof 4" }),
    ...persons
      .filter(({ role }) => !reachesEverywhere(role))
      .map((person) =>
        db.insert(share).values({
          id: crypto.randomUUID(),
          organisationId: id,
          userId: person.id,
          siteId,
          createdAt: new Date(),
        }),
      ),
    db.insert(device).values({ id: door, organisationId: id, siteId, name: "Main entrance" }),
    db.insert(deviceButton).values({ organisationId: id, deviceId: door, key: "reception", label: "Reception" }),
    db.insert(doorOutput).values({ organisationId: id, deviceId: door, number: 1, name: "Street door", pulse: 6_000 }),
  ]);
  const [first] = persons;
  if (!first) throw new Error("nobody lives there");
  /** As the first of the people, now. */
  const look = { userId: first.id, role: first.role, now: Date.now() };
  return { db, organisationId: id, door, siteId, people: persons, look };
}

/** A call that somebody answered and in which the door was opened. */
export function recordOf(
  house: Pick<Awaited<ReturnType<typeof makeHouse>>, "organisationId" | "door">,
  about: Partial<CallRecord> = {},
): CallRecord {
  const person = { userId: userId.parse("mara"), name: "Mara Lenz" };
  const leg = legId.parse(crypto.randomUUID());
  return {
    callId: callId.parse(crypto.randomUUID()),
    organisationId: house.organisationId,
    deviceId: house.door,
    direction: "from-station",
    door: "Main entrance",
    site: "Lindenhof 4",
    button: "Reception",
    startedAt: 1_000_000,
    answeredAt: 1_004_000,
    endedAt: 1_060_000,
    outcome: "answered",
    reason: "hung-up-by-person",
    answeredBy: person,
    legs: [{ legId: leg, ...person, via: "browser", fate: "answered", toldAt: 1_000_100, rangAt: 1_000_200 }],
    events: [
      { at: 1_000_000, what: { type: "pressed", button: "Reception" } },
      { at: 1_004_000, what: { type: "answered", legId: leg, name: person.name } },
      {
        at: 1_020_000,
        what: {
          type: "door",
          commandId: commandId.parse(crypto.randomUUID()),
          by: person.name,
          userId: person.userId,
          state: "confirmed",
        },
      },
      { at: 1_060_000, what: { type: "ended", reason: "hung-up-by-person", by: person.name } },
    ],
    ...about,
  };
}
