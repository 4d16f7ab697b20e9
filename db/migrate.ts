/** Brings a database to the newest schema, as its owner, and lets the application's role read and write rows of one organisation at a time, nothing more. */
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as runMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { holdApart } from "./row-security.ts";

const migrationsFolder = fileURLToPath(new URL("migrations", import.meta.url));

/**
 * @param ownerUrl a role that may create tables and roles; it need not be a superuser
 * @param applicationUrl names the role the application uses; made if absent, its password set
 * @throws also where that role may do more than read and write rows
 */
export async function migrate(ownerUrl: string, applicationUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await runMigrations(drizzle(client), { migrationsFolder });
    const { username, password } = new URL(applicationUrl);
    const name = decodeURIComponent(username);
    const role = client.escapeIdentifier(name);
    const secret = client.escapeLiteral(decodeURIComponent(password));
    const known = await client.query<{ mighty: boolean }>(
      "select rolsuper or rolcreatedb or rolcreaterole or rolbypassrls as mighty from pg_roles where rolname = $1",
      [name],
    );
    if (known.rows[0]?.mighty) throw new Error(`The database role ${name} may do more than read and write rows.`);
    // A new role has none of these rights unless it is given them.
    await client.query(`${known.rowCount === 0 ? "create" : "alter"} role ${role} login password ${secret}`);
    await client.query(`grant usage on schema public to ${role}`);
    await client.query(`revoke create on schema public from public`);
    await holdApart(client, decodeURIComponent(username));
  } finally {
    await client.end();
  }
}
