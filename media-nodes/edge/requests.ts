/**
 * What a media node asks of the edge under its token. So many at once, and the others in turn: a whole fleet that comes back after a fault
 * would otherwise ask all at the same moment, be answered too late, be sent away, and come back again.
 */

/** Milliseconds that the edge may take to answer, once it is asked. */
const askTime = 5_000;
/** Requests under way at once: what the edge's door to its database takes. More would only wait there, against the clock. */
const most = 16;

/** @throws where there is no answer in time, or the edge refuses */
export type AskEdge = (method: "GET" | "POST", path: string, body?: unknown) => Promise<Response>;

/** @param url the edge's origin, http(s)://… */
export function edgeRequests(url: string, token: string): AskEdge {
  const authorization = `Bearer ${token}`;
  const waiting: (() => void)[] = [];
  let free = most;

  async function ask(...[method, path, body]: Parameters<AskEdge>): Promise<Response> {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(askTime),
    });
    if (response.ok) return response;
    // Unread, it would hold its connection.
    await response.body?.cancel();
    throw new Error(`the edge answered ${response.status}`);
  }

  return async (...asked) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await ask(...asked);
    } finally {
      // Whose turn it is takes the place over.
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
