/** POST /sql as Neon's driver speaks it: one statement, or the statements of one non-interactive transaction. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import pg from "pg";
import { z } from "zod";
import { type Credentials, credentialsIn, sameCredentials } from "./credentials.ts";

const largestBody = 8 * 1024 * 1024;
const mostStatements = 1_000;

const statement = z.object({
  query: z.string(),
  params: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).default([]),
});
const asked = z.union([z.object({ queries: z.array(statement).max(mostStatements) }), statement]);
type Statement = z.infer<typeof statement>;

export interface Answer {
  status: number;
  body: unknown;
}

const refuse = (status: number, message: string): Answer => ({ status, body: { message } });

interface Form {
  /** Rows as arrays and not as objects. */
  arrays: boolean;
  /** Values as Postgres writes them: Neon's driver parses them by their type. */
  text: boolean;
}

const asText = { getTypeParser: () => (value: string) => value };

async function run(client: pg.Pool | pg.PoolClient, { query, params }: Statement, { arrays, text }: Form) {
  const result = await client.query({
    text: query,
    values: params,
    ...(text ? { types: asText } : {}),
    ...(arrays ? { rowMode: "array" as const } : {}),
  });
  const fields = result.fields.map(
    ({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format }) => ({
      name,
      dataTypeID,
      tableID,
      columnID,
      dataTypeSize,
      dataTypeModifier,
      format,
    }),
  );
  return { command: result.command, rowCount: result.rowCount, rowAsArray: arrays, rows: result.rows, fields };
}

const isolationLevels: Readonly<Record<string, string>> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

/** `begin` with what the headers ask for. Only words of ours get into the statement. */
export function beginWith(headers: IncomingHttpHeaders): string {
  const level = isolationLevels[String(headers["neon-batch-isolation-level"])];
  return [
    "begin",
    ...(level ? [`isolation level ${level}`] : []),
    ...(headers["neon-batch-read-only"] === "true" ? ["read only"] : []),
    ...(headers["neon-batch-deferrable"] === "true" ? ["deferrable"] : []),
  ].join(" ");
}

async function transaction(pool: pg.Pool, queries: Statement[], begin: string, form: Form) {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const results = [];
    for (const one of queries) results.push(await run(client, one, form));
    await client.query("commit");
    return { results };
  } catch (error) {
    await client.query("rollback").catch((rollback: Error) => {
      broken = rollback;
    });
    throw error;
  } finally {
    client.release(broken); // a connection that can't even roll back is not used again
  }
}

/** Postgres's own words, as Neon's driver expects them. They go to the caller, who sent the values, and into no log. */
function databaseProblem(error: pg.DatabaseError) {
  const { message, severity, code, detail, hint, position, internalPosition, internalQuery, where } = error;
  const { schema, table, column, dataType, constraint, file, line, routine } = error;
  return {
    ...{ message, severity, code, detail, hint, position, internalPosition, internalQuery, where },
    ...{ schema, table, column, dataType, constraint, file, line, routine },
  };
}

/** Nothing for too large a body, whatever its Content-Length claims. The rest of it is left unread. */
async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(message.headers["content-length"] ?? 0) > largestBody) return undefined;
  const parts: Buffer[] = [];
  let size = 0;
  // Ending early must not end the connection: the answer goes out by it.
  for await (const part of message.iterator({ destroyOnReturn: false })) {
    size += part.length;
    if (size > largestBody) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Answers one request. 403 for a browser's, 401 for wrong credentials, 413 for too large a body, 400 for what is no statement
 * or what Postgres refuses. Throws where the database does not answer.
 */
export async function answerSql(pool: pg.Pool, expected: Credentials, message: IncomingMessage): Promise<Answer> {
  const { headers } = message;
  if (headers.origin !== undefined) return refuse(403, "not for browsers");
  if (message.method !== "POST" || message.url !== "/sql") return refuse(404, "POST /sql is the only address");
  const given = credentialsIn(String(headers["neon-connection-string"]));
  if (!given || !sameCredentials(given, expected)) return refuse(401, "wrong credentials");
  const body = await readBody(message);
  if (!body) return refuse(413, "the statement is too large");
  const parsed = asked.safeParse(readJson(body));
  if (!parsed.success) return refuse(400, "neither a statement nor statements");
  const form = {
    arrays: headers["neon-array-mode"] === "true",
    text: headers["neon-raw-text-output"] === "true",
  };
  try {
    const result =
      "queries" in parsed.data
        ? await transaction(pool, parsed.data.queries, beginWith(headers), form)
        : await run(pool, parsed.data, form);
    return { status: 200, body: result };
  } catch (error) {
    if (error instanceof pg.DatabaseError) return { status: 400, body: databaseProblem(error) };
    throw error;
  }
}
