/** What a media node asks of the edge under its token. */

/** Milliseconds that the edge may take to answer. */
const askTime = 10_000;

/** @throws where there is no answer in time, or the edge refuses */
export type AskEdge = (method: "GET" | "POST", path: string, body?: unknown) => Promise<Response>;

/** @param url the edge's origin, http(s)://… */
export function edgeRequests(url: string, token: string): AskEdge {
  const authorization = `Bearer ${token}`;
  return async (method, path, body) => {
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
  };
}
