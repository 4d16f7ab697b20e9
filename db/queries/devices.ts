/** Door stations as the list shows them, and the virtual station of the first run. */
import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { seesOthersCalls } from "#core/access/permissions.ts";
import { callOutcome } from "#core/call/record.ts";
import { callId, type DeviceId, deviceId, moment } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { device, deviceButton, doorOutput } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";
import { audited } from "./changing.ts";
import type { Author } from "./configuration.ts";
import { ofItsSite, stillOurs } from "./of-device.ts";
import { openersOfDevice, storedOpeners } from "./openers.ts";
import { type Look, reachedBy } from "./reach.ts";

const storedDoor = z.object({
  deviceId,
  name: z.string(),
  site: z.string(),
  virtual: z.boolean(),
  createdAt: z.date(),
  silentCameras: z.array(z.string()),
  openers: storedOpeners,
  last: z
    .object({ callId, at: moment, outcome: callOutcome, answeredBy: z.string().nullable(), hasSnapshot: z.boolean() })
    .nullable(),
});
export type StoredDoor = z.infer<typeof storedDoor>;

/** Every door that somebody reaches with the newest call of it that they see, by one statement. */
export async function doorList(db: OrganisationDb, look: Look): Promise<StoredDoor[]> {
  const { role, userId } = look;
  const own = seesOthersCalls(role) ? sql`true` : sql`${userId} in (c.placed_by_user_id, c.answered_by_user_id)`;
  const rows = await db
    .select({
      deviceId: device.id,
      name: device.name,
      site: site.name,
      virtual: device.virtual,
      createdAt: device.createdAt,
      silentCameras: sql`array(select k ->> 'name' from device_configuration c, jsonb_array_elements(c.cameras) k
        where c.device_id = ${device.id} and k ->> 'id' = any(c.silent_cameras))`,
      openers: openersOfDevice,
      last: sql`(select json_build_object('callId', c.id, 'at', floor(extract(epoch from c.started_at) * 1000)::bigint, 'outcome', c.outcome,
          'answeredBy', c.answered_by_name, 'hasSnapshot', s.call_id is not null)
        from call c left join snapshot s on s.call_id = c.id and s.organisation_id = c.organisation_id
        where c.organisation_id = ${device.organisationId} and c.device_id = ${device.id} and ${own} order by c.started_at desc limit 1)`,
    })
    .from(device)
    .innerJoin(site, ofItsSite)
    .where(and(stillOurs(db), reachedBy(device.id, look)))
    .orderBy(asc(device.position), asc(device.name));
  return z.array(storedDoor).parse(rows);
}

/** The organisation's virtual station, made at first use with a site, a button and a door output of its own. */
export async function ensureVirtualStation(db: OrganisationDb, by: Author, now: number): Promise<DeviceId> {
  const { organisationId } = db;
  const find = () =>
    db
      .select({ id: device.id })
      .from(device)
      .where(and(eq(device.organisationId, organisationId), eq(device.virtual, true)))
      .limit(1);
  const [known] = await find();
  if (known) return deviceId.parse(known.id);
  const siteId = crypto.randomUUID();
  const id = crypto.randomUUID();
  try {
    await db.batch([
      db.insert(site).values({ id: siteId, organisationId, name: "Try it" }),
      db.insert(device).values({ id, organisationId, siteId, name: "Virtual station", virtual: true }),
      db.insert(deviceButton).values({ organisationId, deviceId: id, key: "bell", label: "Bell" }),
      db.insert(doorOutput).values({ organisationId, deviceId: id, number: 1, name: "Door", pulse: 6000 }),
      db.execute(sql`
        with done as (select id as subject, null::jsonb as before, to_jsonb(name) as after from device where id = ${id})
        ${audited(db, by, "make-virtual-station", now)}`),
    ]);
  } catch (error) {
    // An organisation has at most one: another request was first.
    const [first] = await find();
    if (first) return deviceId.parse(first.id);
    throw error;
  }
  return deviceId.parse(id);
}

/** @param at milliseconds */
export async function noteDeviceSeen(db: OrganisationDb, id: DeviceId, at: number): Promise<void> {
  await db
    .update(device)
    .set({ lastSeenAt: new Date(at) })
    .where(and(eq(device.organisationId, db.organisationId), eq(device.id, id)));
}
