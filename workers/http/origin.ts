/** Requests that change something, or open a socket, must come from the portal's own pages: cookies go along with any other's too. */

const changes = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/**
 * Whether a page of another origin asks. A program that is no browser sends neither `Origin` nor `Sec-Fetch-Site`, and has
 * no cookie of anybody's.
 */
export function isForeign(request: Request, publicOrigin: string): boolean {
  const upgrades = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!changes.has(request.method) && !upgrades) return false;
  const origin = request.headers.get("origin");
  if (origin !== null) return origin !== publicOrigin;
  const from = request.headers.get("sec-fetch-site");
  return from !== null && from !== "same-origin" && from !== "none";
}
