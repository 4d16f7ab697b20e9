/** Brings a database to the newest schema, as its owner, and lets the application's role read and write rows of one organisation at a time, nothing more. */
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as runMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { holdApart } from "./row-security.ts";

const migrationsFolder = fileURLToPath(new URL("migrations", import.meta.url));

/**
 * @param ownerUrl a role that may create tables and roles
 * @param applicationUrl names the role the application uses; made if absent, its password set
 */
export async function migrate(ownerUrl: string, applicationUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await runMigrations(drizzle(client), { migrationsFolder });
    const { username, password } = new URL(applicationUrl);
    const role = client.escapeIdentifier(decodeURIComponent(username));
    const known = await client.query("select 1 from pg_roles where rolname = $1", [decodeURIComponent(username)]);
    const secret = client.escapeLiteral(decodeURIComponent(password));
    const verb = known.rowCount === 0 ? "create" : "alter";
    await client.query(`${verb} role ${role} login nosuperuser nocreatedb nocreaterole nobypassrls password ${secret}`);
    await client.query(`grant usage on schema public to ${role}`);
    await client.query(`revoke create on schema public from public`);
    await holdApart(client, decodeURIComponent(username));
  } finally {
    await client.end();
  }
}
