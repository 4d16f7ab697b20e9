/**
 * The worker's way to Postgres: Neon's HTTP driver, one request a statement or a non-interactive transaction.
 * Row security (`db/row-security.ts`) shows a statement the rows of whom it was entered for, and a plain `Db` none of
 * anybody's: it reaches the platform's tables alone.
 */
import { type HTTPTransactionOptions, NeonQueryPromise, neon, neonConfig } from "@neondatabase/serverless";
import { type SQL, sql } from "drizzle-orm";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import type { OrganisationId } from "#core/messages/values.ts";

/** Speaks for nobody. */
export interface Db extends NeonHttpDatabase {
  /** The same database, every statement or batch in a transaction that begins with this statement. */
  entered(text: string, params: unknown[]): NeonHttpDatabase;
}

/** Speaks for one organisation: sees and touches its rows and no others, whatever a query says or forgets. */
export interface OrganisationDb extends NeonHttpDatabase {
  organisationId: OrganisationId;
}

/** @param address the application's role, database and password, and where the HTTP door stands */
export function connectDb(address: { DATABASE_URL: string; NEON_FETCH_ENDPOINT: string }): Db {
  const { DATABASE_URL: url, NEON_FETCH_ENDPOINT: endpoint } = address;
  neonConfig.fetchEndpoint = () => endpoint;
  return Object.assign(drizzle(neon(url)), {
    entered: (text: string, params: unknown[]) => drizzle(enteredFirst(url, text, params)),
  });
}

export function organisationDb(db: Db, organisationId: OrganisationId): OrganisationDb {
  const entered = db.entered("select set_config('app.organisation', $1, true)", [organisationId]);
  return Object.assign(entered, { organisationId });
}

/** The rest of the transaction speaks for this organisation. For what passes from one to another, and nothing else. */
export const entering = (organisationId: OrganisationId): SQL =>
  sql`select set_config('app.organisation', ${organisationId}, true)`;

/** Neon's client, with a first statement before every one and every batch, in the same request and transaction. */
function enteredFirst(url: string, text: string, params: unknown[]) {
  const client = neon(url);
  const { query, transaction } = client;
  return Object.assign(client, {
    query(asked: string, values: unknown[], options: HTTPTransactionOptions<boolean, boolean>) {
      const statement = query(asked, values);
      const run = async () => (await transaction([query(text, params), statement], options))[1];
      // Sent when it is awaited, as Neon's own: a batch takes it as one of its statements instead.
      return new NeonQueryPromise(run, statement.queryData, options);
    },
    async transaction(statements: NeonQueryPromise<false, false>[], options: HTTPTransactionOptions<boolean, boolean>) {
      return (await transaction([query(text, params), ...statements], options)).slice(1);
    },
  });
}
