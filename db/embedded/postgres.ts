/** A real Postgres in the data folder. What `kill -9` left of an earlier one is ended and recovered from at the next start. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { endLeftover } from "./leftover.ts";
import { findPlace, type Place } from "./programs.ts";

export interface PostgresOptions {
  folder: string;
  port: number;
  /** The cluster's superuser, who also owns the schema. The application never speaks as them. */
  owner: { user: string; password: string };
  database: string;
  onLog(line: string): void;
}

export interface RunningPostgres {
  /** Ends it cleanly. */
  stop(): Promise<void>;
  /** Resolves when it has ended, whoever ended it. */
  ended: Promise<void>;
}

/** Recovery after a crash can take a while. */
const startPatience = 60_000;
const stopPatience = 10_000;
const attempts = 5;

const settings = {
  listen_addresses: "127.0.0.1",
  // Nobody speaks to it by a socket file, and its lock in /tmp would outlive a crash.
  unix_socket_directories: "",
  max_connections: "60",
  log_min_messages: "warning",
  log_statement: "none",
  // What rows hold stays out of the log, in statements and in messages.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

/** Starts the cluster, made at first start. Resolves when it takes connections. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const place = await findPlace(options.folder);
  await endLeftover(place.cluster);
  if (!existsSync(join(place.cluster, "PG_VERSION"))) await makeCluster(place, options);
  for (let attempt = 1; ; attempt++) {
    const child = launch(place, options);
    const ended = once(child, "close").then(() => undefined);
    try {
      await untilReady(child, options);
      return { ended, stop: () => stop(child, ended) };
    } catch (error) {
      await stop(child, ended);
      // The children of a killed Postgres hold its memory for a moment longer.
      if (attempt === attempts) throw error;
      await wait(300);
    }
  }
}

/** Made under another name and then renamed: one that was interrupted in the making is never taken for whole. */
async function makeCluster({ cluster, initdb, runner }: Place, { owner }: PostgresOptions): Promise<void> {
  const making = `${cluster}.new`;
  const secret = join(tmpdir(), `symphony-${crypto.randomUUID()}`);
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(secret, owner.password, { mode: 0o600, flag: "wx" });
  if (runner) for (const path of [making, secret]) chownSync(path, runner.uid, runner.gid);
  try {
    const child = spawn(
      initdb,
      [
        `--pgdata=${making}`,
        `--username=${owner.user}`,
        `--pwfile=${secret}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
      ],
      { ...runner, env: { PATH: process.env.PATH }, cwd: "/", stdio: ["ignore", "ignore", "pipe"] },
    );
    let wrong = "";
    child.stderr.on("data", (text: Buffer) => (wrong += text));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`The database could not be made: ${wrong.trim()}`);
  } finally {
    rmSync(secret, { force: true });
  }
  rmSync(cluster, { recursive: true, force: true });
  renameSync(making, cluster);
}

function launch({ cluster, postgres, runner }: Place, { port, onLog }: PostgresOptions): ChildProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(postgres, ["-D", cluster, "-p", String(port), ...flags], {
    ...runner,
    // None of our secrets, and a group of its own: Ctrl-C is for us, and we end it in order.
    env: { PATH: process.env.PATH, LC_MESSAGES: "C" },
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.once("error", (error) => onLog(`could not be run: ${error.message}`));
  createInterface(child.stderr ?? []).on("line", onLog);
  return child;
}

const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/** Asks until it takes connections, then makes the database if it is not there. */
async function untilReady(child: ChildProcess, { port, owner, database }: PostgresOptions): Promise<void> {
  const until = Date.now() + startPatience;
  for (;;) {
    if (hasEnded(child)) throw new Error("Postgres ended at its start. Its log says why.");
    const client = new pg.Client({ host: "127.0.0.1", port, ...owner, database: "postgres" });
    // A connection that is lost later rejects nothing: it is an event, and fatal where nobody listens.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const known = await client.query("select 1 from pg_database where datname = $1", [database]);
      if (known.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
      return;
    } catch (error) {
      if (!isNotYet(error) || Date.now() > until) throw error;
      await wait(30);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Not listening yet, or listening and still recovering (57P03, cannot_connect_now). */
const isNotYet = (error: unknown) =>
  error instanceof Error && "code" in error && (error.code === "ECONNREFUSED" || error.code === "57P03");

/** Fast shutdown; immediate if that takes too long. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (hasEnded(child)) return;
  child.kill("SIGINT");
  const impatient = setTimeout(() => child.kill("SIGQUIT"), stopPatience);
  await ended;
  clearTimeout(impatient);
}
