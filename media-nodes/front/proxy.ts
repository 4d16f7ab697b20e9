/** Hands requests and WebSockets on to a loopback port, streaming both ways. */
import http from "node:http";
import type { Duplex } from "node:stream";

/** Larger bodies are refused: what this stage takes in is JSON and snapshots. Octets. */
export const maxBody = 16 * 1024 * 1024;

/** How long the part behind may take to begin its answer. Milliseconds. */
const answerWithin = 60_000;

/** A connection that waits is closed before the part behind closes it (workerd after five seconds), or a request may go into nothing. */
const idleTime = 2_000;
const agent = new http.Agent({ keepAlive: true, maxSockets: 512, timeout: idleTime });

export interface Target {
  port: number;
  headers: http.OutgoingHttpHeaders;
  /** How the person is told that the part behind is not there. */
  name: string;
}

/** RFC 9457, for answers that the front gives itself. */
export function problem(
  status: number,
  code: string,
  detail: string,
): { body: string; headers: http.OutgoingHttpHeaders } {
  const title = http.STATUS_CODES[status] ?? "Error";
  const body = JSON.stringify({ type: "about:blank", title, status, detail, code });
  return {
    body,
    headers: {
      "content-type": "application/problem+json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    },
  };
}

export function refuse(response: http.ServerResponse, status: number, code: string, detail: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { body, headers } = problem(status, code, detail);
  response.writeHead(status, { ...headers, connection: "close" }).end(body);
}

/**
 * Hands one request on. A part that is not there answers 503. What has a body goes over a connection of its own: its client says how
 * long that takes, and those that all requests share are few.
 * @param fresh over a connection that nothing went over before
 */
export function proxyRequest(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: Target,
  fresh = false,
): void {
  const { port, headers } = target;
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  const behind = http.request({
    agent: fresh || hasBody ? false : agent,
    host: "127.0.0.1",
    port,
    method: request.method,
    path: request.url,
    headers,
    timeout: answerWithin,
  });
  behind.once("response", (answer) => {
    const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...kept } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, kept);
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  behind.once("timeout", () => behind.destroy(new Error("no answer in time")));
  behind.once("error", (error: NodeJS.ErrnoException) => {
    if (response.destroyed) return;
    // The other end closed the waiting connection while we took it up. What changes nothing may be asked again (RFC 9110 §9.2.2).
    const isSafe = request.method === "GET" || request.method === "HEAD";
    const again = isSafe && behind.reusedSocket && error.code === "ECONNRESET" && !response.headersSent;
    if (again) proxyRequest(request, response, target, true);
    else refuse(response, 503, "part-down", `${target.name} is not running just now. Try again in a moment.`);
  });
  response.once("close", () => behind.destroy());
  if (!hasBody) {
    behind.end();
    return;
  }
  let received = 0;
  request.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received <= maxBody) return;
    behind.destroy();
    refuse(response, 413, "too-large", "The body is too large.");
  });
  request.pipe(behind);
}

/** Hands a WebSocket on: the handshake first, then octets both ways until either side ends. */
export function proxyUpgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer, target: Target): void {
  socket.on("error", () => socket.destroy());
  const behind = http.request({
    agent: false,
    host: "127.0.0.1",
    port: target.port,
    method: request.method,
    path: request.url,
    headers: { ...target.headers, connection: "Upgrade", upgrade: "websocket" },
    timeout: answerWithin,
  });
  behind.once("upgrade", (answer, other, otherHead) => {
    other.on("error", () => other.destroy());
    other.setTimeout(0);
    other.setNoDelay(true);
    socket.write(headOf(answer));
    if (otherHead.length > 0) socket.write(otherHead);
    if (head.length > 0) other.write(head);
    other.pipe(socket);
    socket.pipe(other);
    // Half open is of no use to a WebSocket: a side that is gone must be seen as gone.
    other.once("close", () => socket.destroy());
    socket.once("close", () => other.destroy());
  });
  behind.once("response", (answer) => {
    socket.write(headOf(answer));
    answer.pipe(socket);
  });
  behind.once("timeout", () => behind.destroy(new Error("no answer in time")));
  behind.once("error", () => refuseUpgrade(socket, 503, "part-down", `${target.name} is not running just now.`));
  socket.once("close", () => behind.destroy());
  behind.end();
}

function headOf(answer: http.IncomingMessage): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  const upgraded = answer.statusCode === 101;
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i] ?? "";
    // Without an upgrade the answer's body is re-framed by the end of the connection.
    if (!upgraded && /^(connection|transfer-encoding|keep-alive)$/i.test(name)) continue;
    lines.push(`${name}: ${answer.rawHeaders[i + 1]}`);
  }
  if (!upgraded) lines.push("Connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

export function refuseUpgrade(socket: Duplex, status: number, code: string, detail: string): void {
  if (socket.destroyed) return;
  const { body, headers } = problem(status, code, detail);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\nconnection: close\r\n\r\n${body}`,
  );
}
