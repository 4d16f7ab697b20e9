/** The caller's picture: stored by the media node under a per-call token, read through signed, expiring addresses. */
import { z } from "zod";
import { type CallId, callId, deviceId, userId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { shows } from "../http/bearer.ts";
import { readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { log } from "../log.ts";
import { type Picture, sameSecret, snapshotSignature, snapshotToken } from "./signing.ts";

const largest = 512 * 1024;
/** How long a signed address is good for. Rounded up to the minute, so that a list shown twice has the same addresses. */
const addressLife = 10 * 60_000;

const objectName = (id: CallId) => `calls/${id}.jpg`;

/** A path on the portal's own origin, for this person. @param now milliseconds */
export async function signedSnapshotUrl(env: Env, picture: Picture, now: number): Promise<string> {
  const expires = Math.ceil((now + addressLife) / 60_000) * 60_000;
  const { callId: id, deviceId: door, userId: person } = picture;
  const signature = await snapshotSignature(env.URL_SECRET, picture, expires);
  return `/api/snapshots/${id}?${new URLSearchParams({ door, for: person, expires: String(expires), signature })}`;
}

const address = z.object({ door: deviceId, for: userId, expires: z.coerce.number().int(), signature: z.string() });

/**
 * GET /api/snapshots/:callId. 403 for a wrong or expired signature, and for who may not look any more; 404 where there is no
 * picture. @param maySee whether the person it was signed for sees that door's calls now
 */
export async function readSnapshot(
  env: Env,
  request: Request,
  now: number,
  maySee: (picture: Picture) => Promise<boolean>,
): Promise<Response> {
  const url = new URL(request.url);
  const id = callId.safeParse(url.pathname.split("/").at(-1));
  const asked = address.safeParse(Object.fromEntries(url.searchParams));
  if (!id.success || !asked.success || asked.data.expires < now)
    return problem(403, "expired", "This address has expired.");
  const { door, for: person, expires, signature } = asked.data;
  const picture = { callId: id.data, deviceId: door, userId: person };
  if (!(await sameSecret(await snapshotSignature(env.URL_SECRET, picture, expires), signature)))
    return problem(403, "bad-signature", "This address was not issued here.");
  if (!(await maySee(picture))) return problem(403, "not-allowed", "You are not allowed to see this any more.");
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
