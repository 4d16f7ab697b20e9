/** Runs the embedded Postgres: starts it, migrates, seeds the demo organisation, opens Neon's door. Ends cleanly on SIGTERM. */
import { join } from "node:path";
import pino from "pino";
import { z } from "zod";
import { migrate } from "../migrate.ts";
import { seedDemo } from "../seed/demo.ts";
import { openNeonDoor } from "./neon-door.ts";
import { startPostgres } from "./postgres.ts";

const log = pino({ base: { part: "postgres" } });
const settings = z
  .object({
    DATA_DIR: z.string(),
    POSTGRES_PORT: z.coerce.number().int(),
    NEON_PORT: z.coerce.number().int(),
    DATABASE_URL: z.url(),
    DATABASE_OWNER_URL: z.url(),
    DEMO_PASSWORD_MARA: z.string().min(12),
    DEMO_PASSWORD_JONAS: z.string().min(12),
  })
  .parse(process.env);

const owner = new URL(settings.DATABASE_OWNER_URL);
const postgres = await startPostgres({
  folder: join(settings.DATA_DIR, "postgres"),
  port: settings.POSTGRES_PORT,
  owner: { user: decodeURIComponent(owner.username), password: decodeURIComponent(owner.password) },
  database: owner.pathname.slice(1),
  onLog: (line) => log.info({ line: line.trim() }, "postgres"),
});
await migrate(settings.DATABASE_OWNER_URL, settings.DATABASE_URL);
await seedDemo(settings.DATABASE_OWNER_URL, { mara: settings.DEMO_PASSWORD_MARA, jonas: settings.DEMO_PASSWORD_JONAS });
const door = await openNeonDoor({
  port: settings.NEON_PORT,
  applicationUrl: settings.DATABASE_URL,
  onError: (error) => log.error({ err: error }, "the door could not ask"),
});
log.info({ port: settings.POSTGRES_PORT, neonPort: settings.NEON_PORT }, "ready");

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await door.close();
  await postgres.stop();
  process.exit(0);
}
process.on("SIGTERM", end).on("SIGINT", end);
