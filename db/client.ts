/** The worker's way to Postgres: Neon's HTTP driver, one request a statement or a non-interactive transaction. */
import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as accounts from "./schema/account.ts";
import * as calls from "./schema/call.ts";
import * as devices from "./schema/device.ts";
import * as organisations from "./schema/organisation.ts";

export const schema = { ...accounts, ...organisations, ...devices, ...calls };
export type Db = NeonHttpDatabase<typeof schema>;

/** @param address the application's role, database and password; `endpoint`: where the HTTP door stands */
export function connectDb({
  DATABASE_URL,
  NEON_FETCH_ENDPOINT,
}: {
  DATABASE_URL: string;
  NEON_FETCH_ENDPOINT: string;
}): Db {
  neonConfig.fetchEndpoint = () => NEON_FETCH_ENDPOINT;
  return drizzle(neon(DATABASE_URL), { schema });
}
