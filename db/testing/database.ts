/** A database for tests: a Postgres of its own with our schema, and the doors in front of it. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDb, type Db } from "../client.ts";
import { openNeonDoors } from "../embedded/neon-doors.ts";
import { type RunningPostgres, startPostgres } from "../embedded/postgres.ts";
import { migrate } from "../migrate.ts";

export interface TestDatabase {
  /** As the worker has it: the application's role, through the HTTP door. */
  db: Db;
  applicationUrl: string;
  ownerUrl: string;
  /** http://127.0.0.1:port of the doors. */
  doors: string;
  folder: string;
  postgres: RunningPostgres;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder that the account which runs Postgres may walk into. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "symphony-db-"));
  chmodSync(folder, 0o711);
  return folder;
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const folder = testFolder();
  const [port, neonPort] = [await freePort(), await freePort()];
  const at = `127.0.0.1:${port}/symphony`;
  const applicationUrl = `postgres://symphony_app:app-password@${at}`;
  const ownerUrl = `postgres://symphony_owner:owner-password@${at}`;
  const postgres = await startPostgres({
    folder: join(folder, "postgres"),
    port,
    owner: { user: "symphony_owner", password: "owner-password" },
    database: "symphony",
    onLog: () => undefined,
  });
  await migrate(ownerUrl, applicationUrl);
  const open = await openNeonDoors({ port: neonPort, applicationUrl, onError: () => undefined });
  const doors = `http://127.0.0.1:${neonPort}`;
  return {
    db: connectDb({ DATABASE_URL: applicationUrl, NEON_FETCH_ENDPOINT: `${doors}/sql` }),
    applicationUrl,
    ownerUrl,
    doors,
    folder,
    postgres,
    async close() {
      await open.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
