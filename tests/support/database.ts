/** A platform's own database, as the owner of its tables: above row security. */
import pg from "pg";
import type { Platform } from "./platform.ts";

/** Runs statements one after the other, and gives what the last one returned. */
export async function asOwner(
  { secrets, ports }: Pick<Platform, "secrets" | "ports">,
  ...statements: [text: string, values?: unknown[]][]
): Promise<Record<string, unknown>[]> {
  const user = `symphony_owner:${secrets.POSTGRES_OWNER_PASSWORD}`;
  const client = new pg.Client({
    connectionString: `postgres://${user}@127.0.0.1:${ports.POSTGRES_PORT}/symphony`,
  });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const [text, values] of statements) ({ rows } = await client.query(text, values));
    return rows;
  } finally {
    await client.end();
  }
}
