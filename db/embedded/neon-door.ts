/**
 * Neon's HTTP door in front of any Postgres, so that the worker uses the one driver everywhere: POST /sql with a statement or
 * with the statements of one transaction. It speaks as the application's role alone, and only for a caller who knows that
 * role's password; a browser's request, which carries Origin, is refused.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import pg from "pg";
import { z } from "zod";

const maxBody = 8 * 1024 * 1024;
const statement = z.object({
  query: z.string(),
  params: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).default([]),
});
const request = z.union([z.object({ queries: z.array(statement).max(1000) }), statement]);
type Statement = z.infer<typeof statement>;

export interface NeonDoorOptions {
  /** Where it listens; on the loopback interface alone. */
  port: number;
  /** The application's role: what callers must show, and whom the door speaks as. */
  applicationUrl: string;
  /** Statements under way at once. */
  connections?: number;
  onError(error: unknown): void;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest();
const isSame = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));

/** User, password and database of a connection string; its host is the caller's way here and doesn't matter. */
function credentials(url: string): string {
  const { username, password, pathname } = new URL(url);
  return [username, password, pathname].map(decodeURIComponent).join("\n");
}

async function readBody(message: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    size += part.length;
    if (size > maxBody) throw new Refusal(413, "the statement is too large");
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new Refusal(400, "the body is no JSON");
  }
}

/** Values leave as Postgres writes them; Neon's driver parses them by their type. */
const asText = { getTypeParser: () => (value: string) => value };

async function run(client: pg.Pool | pg.PoolClient, { query, params }: Statement, arrayMode: boolean) {
  const result = await client.query({
    text: query,
    values: params,
    types: asText,
    ...(arrayMode ? { rowMode: "array" as const } : {}),
  });
  return {
    command: result.command,
    rowCount: result.rowCount,
    rowAsArray: arrayMode,
    rows: result.rows,
    fields: result.fields.map(({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format }) => ({
      name,
      dataTypeID,
      tableID,
      columnID,
      dataTypeSize,
      dataTypeModifier,
      format,
    })),
  };
}

const isolationLevels: Readonly<Record<string, string>> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

async function transaction(pool: pg.Pool, queries: Statement[], message: IncomingMessage, arrayMode: boolean) {
  const level = isolationLevels[String(message.headers["neon-batch-isolation-level"])];
  const client = await pool.connect();
  try {
    await client.query(
      `begin${level ? ` isolation level ${level}` : ""}${message.headers["neon-batch-read-only"] === "true" ? " read only" : ""}`,
    );
    const results = [];
    for (const one of queries) results.push(await run(client, one, arrayMode));
    await client.query("commit");
    client.release();
    return { results };
  } catch (error) {
    await client.query("rollback").then(
      () => client.release(),
      (broken) => client.release(broken),
    );
    throw error;
  }
}

/** Postgres's own words, as Neon's driver expects them; never the statement or its values. */
function databaseProblem(error: pg.DatabaseError) {
  const { message, severity, code, detail, hint, position, schema, table, column, dataType, constraint, routine } =
    error;
  return { message, severity, code, detail, hint, position, schema, table, column, dataType, constraint, routine };
}

/** Opens the door. Resolves when it listens; `close` ends it and its connections. */
export async function openNeonDoor({
  port,
  applicationUrl,
  connections = 20,
  onError,
}: NeonDoorOptions): Promise<{ close(): Promise<void> }> {
  const pool = new pg.Pool({
    connectionString: applicationUrl,
    max: connections,
    statement_timeout: 10_000,
    connectionTimeoutMillis: 5_000,
    application_name: "neon-door",
  });
  pool.on("error", onError);
  const expected = credentials(applicationUrl);

  const isKnown = (connectionString: string | string[] | undefined) => {
    if (typeof connectionString !== "string" || !URL.canParse(connectionString)) return false;
    return isSame(credentials(connectionString), expected);
  };

  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    if (message.headers.origin !== undefined) throw new Refusal(403, "not for browsers");
    if (message.method !== "POST" || message.url !== "/sql") throw new Refusal(404, "POST /sql is the only address");
    if (!isKnown(message.headers["neon-connection-string"])) throw new Refusal(401, "wrong credentials");
    const parsed = request.safeParse(await readBody(message));
    if (!parsed.success) throw new Refusal(400, "neither a statement nor statements");
    const arrayMode = message.headers["neon-array-mode"] === "true";
    const result =
      "queries" in parsed.data
        ? await transaction(pool, parsed.data.queries, message, arrayMode)
        : await run(pool, parsed.data, arrayMode);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(result));
  };

  const server: Server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      if (!(error instanceof Refusal) && !(error instanceof pg.DatabaseError)) onError(error);
      response.statusCode = error instanceof Refusal ? error.status : error instanceof pg.DatabaseError ? 400 : 503;
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify(
          error instanceof pg.DatabaseError
            ? databaseProblem(error)
            : { message: error instanceof Refusal ? error.message : "the database does not answer" },
        ),
      );
    });
  });
  server.requestTimeout = 15_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
}
