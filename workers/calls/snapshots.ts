/** The caller's picture: stored by the media node under a per-call token, read through signed, expiring addresses. */
import { type CallId, callId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { shows } from "../http/bearer.ts";
import { readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { log } from "../log.ts";
import { sameSecret, snapshotSignature, snapshotToken } from "./signing.ts";

const largest = 512 * 1024;
/** How long a signed address is good for. Rounded up to the minute, so that a list shown twice has the same addresses. */
const addressLife = 10 * 60_000;

const objectName = (id: CallId) => `calls/${id}.jpg`;

/** A path on the portal's own origin. @param now milliseconds */
export async function signedSnapshotUrl(env: Env, id: CallId, now: number): Promise<string> {
  const expires = Math.ceil((now + addressLife) / 60_000) * 60_000;
  return `/api/snapshots/${id}?expires=${expires}&signature=${await snapshotSignature(env.URL_SECRET, id, expires)}`;
}

/** GET /api/snapshots/:callId. 403 for a wrong or expired signature, 404 where there is no picture. */
export async function readSnapshot(env: Env, request: Request, now: number): Promise<Response> {
  const url = new URL(request.url);
  const id = callId.safeParse(url.pathname.split("/").at(-1));
  const expires = Number(url.searchParams.get("expires"));
  if (!id.success || !Number.isSafeInteger(expires) || expires < now)
    return problem(403, "expired", "This address has expired.");
  const expected = await snapshotSignature(env.URL_SECRET, id.data, expires);
  if (!(await sameSecret(expected, url.searchParams.get("signature") ?? ""))) {
    return problem(403, "bad-signature", "This address was not issued here.");
  }
  const object = await env.SNAPSHOTS.get(objectName(id.data));
  if (!object) return problem(404, "no-snapshot", "No picture was taken of this call.");
  return new Response(object.body, {
    headers: {
      "content-type": "image/jpeg",
      "cache-control": `private, max-age=${Math.floor((expires - now) / 1000)}, immutable`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'",
    },
  });
}

/** PUT /media-node/snapshots/:callId. 204, or 401, 413, 415 or 409 (not a call that may have a picture now). */
export async function storeSnapshot(env: Env, id: CallId, request: Request): Promise<Response> {
  if (!(await shows(request, await snapshotToken(env.URL_SECRET, id)))) {
    return problem(401, "bad-token", "This token is not this call's.");
  }
  if (request.headers.get("content-type") !== "image/jpeg")
    return problem(415, "not-jpeg", "A snapshot is image/jpeg.");
  const body = await readAtMost(request, largest);
  if (!body) return problem(413, "too-large", "A snapshot is at most 512 KiB.");
  if (body[0] !== 0xff || body[1] !== 0xd8 || body[2] !== 0xff) return problem(415, "not-jpeg", "This is no JPEG.");
  const since = Date.now();
  const session = env.CALL_SESSION.getByName(id);
  if (!(await session.mayTakeSnapshot())) return problem(409, "no-call", "This call takes no picture now.");
  await env.SNAPSHOTS.put(objectName(id), body, { httpMetadata: { contentType: "image/jpeg" } });
  await session.snapshotStored(since, request.headers.get("traceparent") ?? undefined);
  log("snapshot stored", { callId: id, bytes: body.length });
  return new Response(null, { status: 204 });
}
