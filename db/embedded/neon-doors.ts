/**
 * Neon's two doors in front of any Postgres, so that the worker uses the one driver everywhere: POST /sql, and a WebSocket at
 * /ws. Both listen on the loopback interface, speak as the application's role alone, and turn browsers away.
 */
import { createServer, type ServerResponse } from "node:http";
import pg from "pg";
import { credentialsIn } from "./credentials.ts";
import { type Answer, answerSql } from "./http-door.ts";
import { makeSocketDoor } from "./socket-door.ts";

export interface NeonDoorsOptions {
  port: number;
  /** The application's role: what callers must show, and whom the doors speak as. */
  applicationUrl: string;
  /** Statements under way at once, by HTTP. */
  connections?: number;
  onError(error: unknown): void;
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    "content-type": "application/json",
    // What was refused may not have been read to its end: nothing more comes by this connection.
    ...(status === 200 || status === 400 ? {} : { connection: "close" }),
  });
  response.end(JSON.stringify(body));
}

/** Opens the doors. Resolves when they listen; `close` ends them and their connections. */
export async function openNeonDoors({
  port,
  applicationUrl,
  connections = 20,
  onError,
}: NeonDoorsOptions): Promise<{ close(): Promise<void> }> {
  const expected = credentialsIn(applicationUrl);
  if (!expected) throw new Error("DATABASE_URL is no postgres:// URL.");
  const { hostname, port: postgresPort } = new URL(applicationUrl);
  let closing = false;
  const pool = new pg.Pool({
    connectionString: applicationUrl,
    max: connections,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 10_000,
    connectionTimeoutMillis: 5_000,
    application_name: "neon-door",
  });
  // A connection that breaks while nobody uses it: the pool makes another.
  pool.on("error", (error) => {
    if (!closing) onError(error);
  });

  const server = createServer((message, response) => {
    answerSql(pool, expected, message).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        onError(error);
        send(response, { status: 503, body: { message: "the database does not answer" } });
      },
    );
  });
  server.requestTimeout = 15_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 60_000;
  server.maxHeadersCount = 64;
  const sockets = makeSocketDoor(expected, { host: hostname, port: Number(postgresPort || 5432) });
  server.on("upgrade", sockets.upgrade);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    async close() {
      closing = true;
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
}
