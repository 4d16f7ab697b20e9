/** Tables, policies and keys are read from the catalogue, so that a table that comes later is looked at too. */
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { organisationId } from "#core/messages/values.ts";
import { organisationDb } from "./client.ts";
import { migrate } from "./migrate.ts";
import { organisationTables, platformTables } from "./row-security.ts";
import { startTestDatabase } from "./testing/database.ts";

const database = await startTestDatabase();
const owner = new pg.Client({ connectionString: database.ownerUrl });
await owner.connect();
// Rows are made here without what they point at: what matters is whose they are.
await owner.query("set session_replication_role = replica");
const tables = await organisationTables(owner);
afterAll(async () => {
  await owner.end();
  await database.close();
});

const newId = () => organisationId.parse(crypto.randomUUID());
const ask = async (text: string, params: unknown[] = []) => (await owner.query(text, params)).rows;

/** Something of each type, for a column that must not be empty. */
const samples: Readonly<Record<string, string>> = {
  uuid: "gen_random_uuid()",
  text: "gen_random_uuid()::text",
  int4: "1",
  int8: "1",
  bool: "true",
  timestamptz: "now()",
  jsonb: "'{}'",
  bytea: "'x'",
};

/** What a table's own checks demand beyond that. */
const also: Readonly<Record<string, [string, string][]>> = {
  share: [
    ["device_id", "gen_random_uuid()"],
    ["user_id", "gen_random_uuid()::text"],
  ],
};

/** An `insert` of one row of that organisation, with whatever its table demands. */
async function insertOf(table: string, column: string, whose: string): Promise<string> {
  const demanded = await ask(
    `select column_name as name, udt_name as type from information_schema.columns
      where table_schema = 'public' and table_name = $1 and is_nullable = 'NO' and column_default is null and column_name <> $2`,
    [table, column],
  );
  const values = demanded.map(({ name, type }) => {
    const sample = samples[type] ?? (type.startsWith("_") ? "'{}'" : undefined);
    if (!sample) throw new Error(`no sample of type ${type} for ${table}.${name}`);
    return [name, sample];
  });
  const all = [[column, `'${whose}'`], ...values, ...(also[table] ?? [])];
  return `insert into "${table}" (${all.map(([name]) => name).join()}) values (${all.map(([, value]) => value).join()})`;
}

describe.each(tables)("$table", ({ table, column }) => {
  const name = sql.identifier(table);
  const whose = sql.identifier(column);

  it("shows, changes and loses one organisation's rows alone by a statement without a where", async () => {
    const [mine, theirs] = [newId(), newId()];
    for (const organisation of [mine, theirs]) await owner.query(await insertOf(table, column, organisation));
    const db = organisationDb(database.db, mine);
    expect((await db.execute(sql`select ${whose} as whose from ${name}`)).rows).toEqual([{ whose: mine }]);
    expect((await db.execute(sql`update ${name} set ${whose} = ${whose}`)).rowCount).toBe(1);
    expect((await db.execute(sql`delete from ${name}`)).rowCount).toBe(1);
    const left = await ask(`select ${column} as whose from "${table}" where ${column} = any($1)`, [[mine, theirs]]);
    expect(left).toEqual([{ whose: theirs }]);
  });

  it("takes no row for another organisation, and gives none away", async () => {
    const [mine, theirs] = [newId(), newId()];
    await owner.query(await insertOf(table, column, mine));
    const db = organisationDb(database.db, mine);
    const forbidden = { cause: { code: "42501" } };
    await expect(db.execute(sql.raw(await insertOf(table, column, theirs)))).rejects.toMatchObject(forbidden);
    await expect(db.execute(sql`update ${name} set ${whose} = ${theirs}`)).rejects.toMatchObject(forbidden);
  });

  it("shows nothing to a statement that speaks for nobody", async () => {
    await owner.query(await insertOf(table, column, newId()));
    const { db } = database;
    expect((await db.execute(sql`select from ${name}`)).rowCount).toBe(0);
    expect((await db.execute(sql`update ${name} set ${whose} = ${whose}`)).rowCount).toBe(0);
    expect((await db.execute(sql`delete from ${name}`)).rowCount).toBe(0);
  });

  it("is under row security that binds its owner too, by one policy", async () => {
    expect(
      await ask(`select relrowsecurity, relforcerowsecurity from pg_class where oid = $1::regclass`, [`"${table}"`]),
    ).toEqual([{ relrowsecurity: true, relforcerowsecurity: true }]);
    const policies = await ask("select policyname, cmd, permissive, qual from pg_policies where tablename = $1", [
      table,
    ]);
    expect(policies).toEqual([
      {
        policyname: "own_rows",
        cmd: "ALL",
        permissive: "PERMISSIVE",
        qual: `(${column} = current_setting('app.organisation'::text, true))`,
      },
    ]);
  });
});

it("finds every table, and each belongs to organisations or is named as the platform's", async () => {
  const all = await ask(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')",
  );
  const organisations = tables.map(({ table }) => table);
  expect(organisations).toEqual(expect.arrayContaining(["organisation", "member", "device", "call"]));
  expect(all.map(({ name }) => name).toSorted()).toEqual([...organisations, ...Object.keys(platformTables)].toSorted());
});

it("ties every row to its organisation, and to rows of the same organisation only", async () => {
  const keys = await ask(
    `select r.relname as "from", t.relname as "to",
        array(select a.attname::text from unnest(c.conkey) with ordinality k(n, i) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by i) as "columns",
        array(select a.attname::text from unnest(c.confkey) with ordinality k(n, i) join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by i) as "targets"
      from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_class t on t.oid = c.confrelid
     where c.contype = 'f' and c.connamespace = 'public'::regnamespace`,
  );
  const own = new Map(tables.map(({ table, column }) => [table, column]));
  const carries = (key: (typeof keys)[number]) => {
    const at = key.columns.indexOf(own.get(key.from));
    return at >= 0 && key.targets[at] === own.get(key.to);
  };
  const within = keys.filter(({ from, to }) => own.has(from) && own.has(to));
  expect(within.filter((key) => !carries(key))).toEqual([]);
  const tied = new Set(within.map(({ from }) => from));
  expect(tables.map(({ table }) => table).filter((table) => !tied.has(table))).toEqual(["organisation"]);
});

it("asks across organisations by these functions alone, that look for nothing outside our schema", async () => {
  const functions = await ask(
    `select proname as name, proconfig as settings, pg_get_functiondef(oid) as text from pg_proc
      where prosecdef and pronamespace = 'public'::regnamespace order by 1`,
  );
  expect(functions.map(({ name }) => name)).toEqual([
    "claims_waiting_for",
    "device_transfer_by_code",
    "forget_devices_at",
    "identity_of_session",
    "invitation_of_token",
    "lose_devices_at",
    "memberships_of_person",
    "organisation_of_calls_at",
    "organisations_below_release",
    "organisations_of_devices",
    "organisations_to_watch",
    "organisations_with_ended_access",
    "organisations_with_expired_calls",
    "organisations_with_old_logs",
    "organisations_with_rollouts",
  ]);
  for (const { settings } of functions) expect(settings).toEqual(["search_path=public, pg_temp"]);
});

it("speaks as a role that is not above its own rules", async () => {
  const role = new URL(database.applicationUrl).username;
  expect(await ask("select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = $1", [role])).toEqual([
    { rolsuper: false, rolbypassrls: false, rolcreaterole: false },
  ]);
  expect(await ask("select relname from pg_class where relowner = $1::regrole", [role])).toEqual([]);
  expect(await ask("select roleid from pg_auth_members where member = $1::regrole", [role])).toEqual([]);
});

it("holds a new table apart that names its organisation, and opens no other", async () => {
  await owner.query("create table note (organisation_id text not null, words text)");
  await owner.query("create table stray (words text)");
  try {
    await migrate(database.ownerUrl, database.applicationUrl);
    const [mine, theirs] = [newId(), newId()];
    await owner.query("insert into note values ($1, 'mine'), ($2, 'theirs')", [mine, theirs]);
    const { rows } = await organisationDb(database.db, mine).execute(sql`select words from note`);
    expect(rows).toEqual([{ words: "mine" }]);
    await expect(database.db.execute(sql`select from stray`)).rejects.toMatchObject({ cause: { code: "42501" } });
  } finally {
    await owner.query("drop table note, stray");
  }
});
