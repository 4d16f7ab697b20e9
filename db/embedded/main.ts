/**
 * Runs the embedded Postgres: starts it, migrates, seeds the demo organisation, opens Neon's doors. Without POSTGRES_PORT it does
 * the same for the Postgres elsewhere that DATABASE_URL and DATABASE_OWNER_URL name, less the starting. Ends cleanly on SIGTERM.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { z } from "zod";
import { factoryBatch } from "#core/messages/claiming.ts";
import { migrate } from "../migrate.ts";
import { seedDemo } from "../seed/demo.ts";
import { openNeonDoors } from "./neon-doors.ts";
import { startPostgres } from "./postgres.ts";

const log = pino({ base: { part: "postgres" } });
const settings = z
  .object({
    DATA_DIR: z.string(),
    POSTGRES_PORT: z.coerce.number().int().optional(),
    NEON_PORT: z.coerce.number().int(),
    DATABASE_URL: z.url(),
    DATABASE_OWNER_URL: z.url(),
    /** A file: who made the demo's doors (`factoryBatch`). */
    FACTORY_BATCH: z.string(),
    DEMO_PASSWORD_MARA: z.string().min(12),
    DEMO_PASSWORD_JONAS: z.string().min(12),
  })
  .parse(process.env);

const owner = new URL(settings.DATABASE_OWNER_URL);
const port = settings.POSTGRES_PORT;
/** A database elsewhere is only migrated and spoken to: it is started by somebody else. */
const postgres =
  port === undefined
    ? undefined
    : await startPostgres({
        folder: join(settings.DATA_DIR, "postgres"),
        port,
        owner: { user: decodeURIComponent(owner.username), password: decodeURIComponent(owner.password) },
        database: owner.pathname.slice(1),
        onLog: (line) => log.info({ line }, "postgres says"),
      });
await migrate(settings.DATABASE_OWNER_URL, settings.DATABASE_URL);
const passwords = { mara: settings.DEMO_PASSWORD_MARA, jonas: settings.DEMO_PASSWORD_JONAS };
const batch = factoryBatch.parse(JSON.parse(readFileSync(settings.FACTORY_BATCH, "utf8")));
await seedDemo(settings.DATABASE_OWNER_URL, passwords, batch);
const doors = await openNeonDoors({
  port: settings.NEON_PORT,
  applicationUrl: settings.DATABASE_URL,
  onError: (error) =>
    log.error({ reason: error instanceof Error ? error.message : String(error) }, "the database does not answer"),
});
log.info({ port, neonPort: settings.NEON_PORT }, "ready");

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await doors.close();
  await postgres?.stop();
  process.exit(0);
}
process.on("SIGTERM", end).on("SIGINT", end);

// Without its Postgres this process is of no use: whoever supervises it starts both anew.
postgres?.ended.then(() => {
  if (ending) return;
  log.fatal("postgres ended");
  process.exit(1);
});
