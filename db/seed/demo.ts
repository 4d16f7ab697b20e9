/** The demo organisation that `npm start` shows: two people, two sites, three door stations. Seeding twice changes nothing. */
import { randomBytes } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { and, eq, isNull } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { reachesEverywhere } from "#core/access/permissions.ts";
import type { FactoryBatch } from "#core/messages/claiming.ts";
import { account, user } from "../schema/account.ts";
import { device, deviceButton, doorOutput } from "../schema/device.ts";
import { factoryIdentity, maker } from "../schema/identity.ts";
import { member, organisation, site } from "../schema/organisation.ts";
import { share } from "../schema/people.ts";

const organisationId = "lindenhof";

export const demoPeople = [
  { id: "mara-lenz", name: "Mara Lenz", email: "mara.lenz@lindenhof.example", role: "owner" },
  { id: "jonas-adler", name: "Jonas Adler", email: "jonas.adler@lindenhof.example", role: "operator" },
] as const;

const sites = [
  { id: "5b1f0c3e-6a64-4c6e-9d0a-2f7e1c9a0001", organisationId, name: "Lindenhof 4", timeZone: "Europe/Berlin" },
  { id: "5b1f0c3e-6a64-4c6e-9d0a-2f7e1c9a0002", organisationId, name: "Hafenkai 12", timeZone: "Europe/Berlin" },
];

/** The first is the one that `npm run station` plays. */
export const demoDoors = [
  {
    id: "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001",
    site: 0,
    name: "Main entrance",
    button: { key: "reception", label: "Reception" },
    output: "Street door",
  },
  {
    id: "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0002",
    site: 0,
    name: "Courtyard gate",
    button: { key: "reception", label: "Reception" },
    output: "Gate",
  },
  {
    id: "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0003",
    site: 1,
    name: "Side door",
    button: { key: "bell", label: "Bell" },
    output: "Side door",
  },
] as const;

const everyDoorOf = (siteId: string, userId: string) => ({
  id: crypto.randomUUID(),
  organisationId,
  userId,
  siteId,
  createdAt: new Date(),
});

/** The doors are claimed already, by nobody's code. */
async function seedIdentities(db: NodePgDatabase, { maker: made, identities }: FactoryBatch): Promise<void> {
  await db.insert(maker).values(made).onConflictDoNothing();
  for (const { id, serial, model, revision } of identities) {
    const codeHmac = randomBytes(32).toString("hex");
    const used = { codeHmac, codeUsedAt: new Date(), holderId: organisationId };
    await db
      .insert(factoryIdentity)
      .values({ id, makerId: made.id, serial, model, revision, ...used })
      .onConflictDoNothing();
    await db
      .update(device)
      .set({ model, revision, serial, claimedAt: used.codeUsedAt })
      .where(and(eq(device.id, id), isNull(device.model)));
  }
}

/**
 * @param passwords of Mara and Jonas, set at the first seeding only
 * @param batch who made the doors; without it they have no certificates to come
 */
export async function seedDemo(
  ownerUrl: string,
  passwords: { mara: string; jonas: string },
  batch?: FactoryBatch,
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const db = drizzle(client);
    await db.transaction(async (tx) => {
      await tx.insert(organisation).values({ id: organisationId, name: "Lindenhof" }).onConflictDoNothing();
      await tx.insert(site).values(sites).onConflictDoNothing();
      for (const { role, ...person } of demoPeople) {
        const made = await tx
          .insert(user)
          .values({ ...person, emailVerified: true })
          .onConflictDoNothing()
          .returning();
        if (made.length === 0) continue;
        const password = await hashPassword(person.id === "mara-lenz" ? passwords.mara : passwords.jonas);
        await tx.insert(account).values({
          id: `${person.id}-password`,
          accountId: person.id,
          providerId: "credential",
          userId: person.id,
          password,
        });
        await tx.insert(member).values({ organisationId, userId: person.id, role });
        if (!reachesEverywhere(role)) await tx.insert(share).values(sites.map(({ id }) => everyDoorOf(id, person.id)));
      }
      for (const [position, door] of demoDoors.entries()) {
        const siteId = sites[door.site]?.id;
        if (siteId === undefined) throw new Error(`${door.name} stands on no site`);
        const made = await tx
          .insert(device)
          .values({ id: door.id, organisationId, siteId, name: door.name, position })
          .onConflictDoNothing()
          .returning();
        if (made.length === 0) continue;
        await tx.insert(deviceButton).values({ organisationId, deviceId: door.id, ...door.button });
        await tx
          .insert(doorOutput)
          .values({ organisationId, deviceId: door.id, number: 1, name: door.output, pulse: 6000 });
      }
      if (batch) await seedIdentities(tx, batch);
    });
  } finally {
    await client.end();
  }
}
