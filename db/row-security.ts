/**
 * Holds the organisations' rows apart in Postgres itself: the application's role reaches a row only in a transaction that
 * was entered for the row's organisation (`organisationDb` in client.ts). Applied after the migrations, to every table by
 * one rule, so that a new table can't be forgotten: one with an `organisation_id` is held apart, one on the list below is
 * the platform's, and any other the application can't reach at all.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type pg from "pg";

/** The tables that belong to no organisation, and why. */
export const platformTables: Readonly<Record<string, string>> = {
  user: "a person may belong to several organisations",
  account: "how a person signs in",
  session: "a person's, whichever organisation they work in",
  verification: "asked before anybody is signed in",
  rate_limit: "counted before anybody is signed in",
  maker: "devices of one maker stand in many organisations",
  factory_identity: "a device has it before anybody claims it, and keeps it when it changes hands",
  revocation_list: "fetched by whoever checks a certificate",
  certificate: "looked up at every handshake, where only the certificate is known",
};

const across = fileURLToPath(new URL("across-organisations.sql", import.meta.url));

/** The column that says whose a table's row is, of every table of an organisation. */
export async function organisationTables(client: pg.Client): Promise<{ table: string; column: string }[]> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select c.relname as "table", a.attname as "column"
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and a.attname = case c.relname when 'organisation' then 'id' else 'organisation_id' end
      order by 1`,
  );
  return rows;
}

/**
 * @param client connected as the owner, who must be above row security: the functions that ask across organisations run as they
 * @param applicationRole neither superuser nor owner
 */
export async function holdApart(client: pg.Client, applicationRole: string): Promise<void> {
  const role = client.escapeIdentifier(applicationRole);
  const { rows } = await client.query(
    "select rolsuper or rolbypassrls as above from pg_roles where rolname = current_user",
  );
  if (!rows[0]?.above) throw new Error("the owner of the tables needs BYPASSRLS");
  await client.query("begin");
  await client.query(`revoke all on all tables in schema public from ${role}`);
  for (const { table, column } of await organisationTables(client)) {
    const name = client.escapeIdentifier(table);
    await client.query(`alter table ${name} enable row level security, force row level security`);
    await client.query(`drop policy if exists own_rows on ${name}`);
    // Unset it is null, and after a transaction that set it empty: neither is any organisation's.
    await client.query(
      `create policy own_rows on ${name} using (${column} = current_setting('app.organisation', true))`,
    );
    await client.query(`grant select, insert, update, delete on ${name} to ${role}`);
  }
  for (const table of Object.keys(platformTables)) {
    await client.query(`grant select, insert, update, delete on ${client.escapeIdentifier(table)} to ${role}`);
  }
  await client.query(readFileSync(across, "utf8"));
  await client.query("commit");
}
