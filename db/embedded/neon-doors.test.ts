import { neon, neonConfig, Pool } from "@neondatabase/serverless";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
  neonConfig.webSocketConstructor = WebSocket;
  neonConfig.wsProxy = () => `${new URL(database.doors).host}/ws`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineConnect = false;
  neonConfig.pipelineTLS = false;
}, 120_000);
afterAll(() => database?.close());

const withUser = (user: string, password: string, name = "symphony") => {
  const url = new URL(database.applicationUrl);
  url.username = user;
  url.password = password;
  url.pathname = name;
  return url.href;
};
const ask = (
  headers: Record<string, string>,
  body = JSON.stringify({ query: "select 1", params: [] }),
  path = "/sql",
) => fetch(`${database.doors}${path}`, { method: "POST", headers, body });

describe("the HTTP door", () => {
  it("answers Neon's driver with typed values, nulls, JSON and octets", async () => {
    const sql = neon(database.applicationUrl);
    const rows = await sql`select ${41}::int + 1 as n, ${null}::text as nothing, ${{ a: [1] }}::jsonb as j,
      ${new Uint8Array()}::text is not null as b, true as yes`;
    expect(rows).toMatchObject([{ n: 42, nothing: null, j: { a: [1] }, yes: true }]);
  });

  it("carries out a transaction whole, or not at all", async () => {
    const sql = neon(database.applicationUrl);
    const id = crypto.randomUUID();
    const make = () => sql`insert into rate_limit (id, key, count, last_request) values (${id}, ${id}, 1, 0)`;
    await expect(sql.transaction([make(), make()])).rejects.toMatchObject({ code: "23505" });
    expect(await sql`select 1 from rate_limit where id = ${id}`).toEqual([]);
    await sql.transaction([make(), sql`update rate_limit set count = 2 where id = ${id}`]);
    expect(await sql`select count from rate_limit where id = ${id}`).toEqual([{ count: 2 }]);
  });

  it("keeps to the isolation level, and to reading alone, where that is asked for", async () => {
    const sql = neon(database.applicationUrl);
    const [level, readOnly] = await sql.transaction(
      [
        sql`select current_setting('transaction_isolation') as v`,
        sql`select current_setting('transaction_read_only') as v`,
      ],
      { isolationLevel: "Serializable", readOnly: true, deferrable: true },
    );
    expect([level, readOnly]).toEqual([[{ v: "serializable" }], [{ v: "on" }]]);
    await expect(sql.transaction([sql`delete from organisation`], { readOnly: true })).rejects.toMatchObject({
      code: "25006",
    });
  });

  it("hands on Postgres's own words for what went wrong", async () => {
    const sql = neon(database.applicationUrl);
    await expect(
      sql`insert into session (id, token, user_id, expires_at) values ('none', 'none', 'none', now())`,
    ).rejects.toMatchObject({
      name: "NeonDbError",
      code: "23503",
      severity: "ERROR",
      table: "session",
      constraint: "session_user_id_user_id_fk",
    });
  });

  it("speaks as a role that can neither change the schema, nor become another, nor read the server's files", async () => {
    const sql = neon(database.applicationUrl);
    const [role] = await sql`select current_user as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb
      from pg_roles where rolname = current_user`;
    expect(role).toEqual({
      name: "symphony_app",
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
    });
    for (const refused of [
      "create table public.mine (n int)",
      "alter table organisation add column mine int",
      "drop table call",
      "truncate call",
      "set role symphony_owner",
      "select pg_read_file('/etc/passwd')",
      "copy organisation to program 'true'",
    ]) {
      await expect(sql.query(refused), refused).rejects.toMatchObject({ code: expect.stringMatching(/^42(501|809)$/) });
    }
  });

  it("refuses wrong credentials, whichever part is wrong, and a request without any", async () => {
    for (const connection of [
      withUser("symphony_app", "wrong"),
      withUser("symphony_app", ""),
      withUser("symphony_owner", "owner-password"),
      withUser("symphony_app", "app-password", "postgres"),
      "postgres://%",
      "no url",
    ]) {
      expect((await ask({ "neon-connection-string": connection })).status, connection).toBe(401);
    }
    expect((await ask({})).status).toBe(401);
    expect((await ask({ "neon-connection-string": database.applicationUrl })).status).toBe(200);
  });

  it("turns browsers away, even with the right credentials", async () => {
    const headers = { "neon-connection-string": database.applicationUrl, origin: "http://localhost:8080" };
    expect((await ask(headers)).status).toBe(403);
  });

  it("refuses what is no statement, what is too large, and every other address", async () => {
    const headers = { "neon-connection-string": database.applicationUrl };
    expect((await ask(headers, "{")).status).toBe(400);
    expect((await ask(headers, JSON.stringify({ query: 1 }))).status).toBe(400);
    expect((await ask(headers, JSON.stringify({ query: "select 1", params: [{}] }))).status).toBe(400);
    expect((await ask(headers, "x".repeat(9 * 1024 * 1024))).status).toBe(413);
    expect((await ask(headers, "{}", "/other")).status).toBe(404);
  });
});

describe("the WebSocket door", () => {
  it("lets a transaction read before it writes", async () => {
    const pool = new Pool({ connectionString: database.applicationUrl });
    const client = await pool.connect();
    const id = crypto.randomUUID();
    await client.query("begin");
    await client.query(`insert into "user" (id, name, email) values ($1, 'Anna', $1)`, [id]);
    const { rows } = await client.query(`select email_verified from "user" where id = $1`, [id]);
    expect(rows).toEqual([{ email_verified: false }]);
    await client.query("rollback");
    client.release();
    await pool.end();
  });

  it("refuses another role or database, and Postgres refuses a wrong password", async () => {
    const attempt = async (connectionString: string) => {
      const pool = new Pool({ connectionString });
      try {
        await pool.query("select 1");
      } finally {
        await pool.end();
      }
    };
    await expect(attempt(withUser("symphony_owner", "owner-password"))).rejects.toMatchObject({ code: "28000" });
    await expect(attempt(withUser("symphony_app", "app-password", "postgres"))).rejects.toMatchObject({
      code: "28000",
    });
    await expect(attempt(withUser("symphony_app", "wrong"))).rejects.toMatchObject({ code: "28P01" });
  });

  it("turns browsers and other addresses away", async () => {
    const statusOf = (path: string, headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(`${database.doors.replace("http", "ws")}${path}`, { headers });
        socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
        socket.once("open", () => reject(new Error("it opened")));
        socket.once("error", () => undefined);
      });
    expect(await statusOf("/ws", { origin: "http://localhost:8080" })).toBe(403);
    expect(await statusOf("/sql", {})).toBe(404);
  });
});

it("listens on the loopback interface alone, as Postgres does, which asks for a password there too", async () => {
  const client = new pg.Client({ connectionString: withUser("symphony_owner", "wrong") });
  await expect(client.connect()).rejects.toMatchObject({ code: "28P01" });
  const { rows } = await database.db.execute("select current_setting('listen_addresses') as at");
  expect(rows).toEqual([{ at: "127.0.0.1" }]);
});
