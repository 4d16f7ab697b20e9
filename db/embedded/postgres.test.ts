import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterEach, expect, it } from "vitest";
import { freePort, testFolder } from "../testing/database.ts";
import { type PostgresOptions, type RunningPostgres, startPostgres } from "./postgres.ts";

const running: RunningPostgres[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function cluster() {
  const parent = testFolder();
  folders.push(parent);
  const options: PostgresOptions = {
    folder: join(parent, "postgres"),
    port: await freePort(),
    owner: { user: "owner", password: "owner-password" },
    database: "symphony",
    onLog: () => undefined,
  };
  const start = async () => {
    const postgres = await startPostgres(options);
    running.push(postgres);
    return postgres;
  };
  const query = async (text: string): Promise<unknown[]> => {
    const client = new pg.Client({ host: "127.0.0.1", port: options.port, ...options.owner, database: "symphony" });
    client.on("error", () => undefined);
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  };
  const mark = join(options.folder, "postmaster.pid");
  return { start, query, mark, pid: () => Number(readFileSync(mark, "utf8").split("\n")[0]) };
}

it("keeps what was committed through kill -9 of the whole server", async () => {
  const { start, query, mark, pid } = await cluster();
  const first = await start();
  await query("create table kept (n int); insert into kept values (1)");
  process.kill(pid(), "SIGKILL");
  await first.ended;
  expect(existsSync(mark)).toBe(true);
  await start();
  expect(await query("select n from kept")).toEqual([{ n: 1 }]);
}, 120_000);

it("ends a server that outlived its parent, and starts anew on the same port", async () => {
  const { start, query, pid } = await cluster();
  const left = await start();
  await query("create table kept (n int); insert into kept values (2)");
  const before = pid();
  await start();
  await left.ended;
  expect(pid()).not.toBe(before);
  expect(await query("select n from kept")).toEqual([{ n: 2 }]);
}, 120_000);

it("is not held up by a mark whose process number belongs to another program by now", async () => {
  const { start, query, mark } = await cluster();
  await (await start()).stop();
  writeFileSync(mark, `${process.pid}\n/somewhere\n`);
  await start();
  expect(await query("select 1 as n")).toEqual([{ n: 1 }]);
}, 120_000);
