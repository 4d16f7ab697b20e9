/** The portal's own files, and what its pages may load and reach. Files under /assets/ are served without asking the worker. */
import type { Env } from "../env.ts";

/** LiveKit elsewhere is reached by WebSocket, and by HTTP to learn why that failed. On our own origin it needs no word. */
function livekitElsewhere({ LIVEKIT_URL, PUBLIC_ORIGIN }: Pick<Env, "LIVEKIT_URL" | "PUBLIC_ORIGIN">): string[] {
  const { protocol, host } = new URL(LIVEKIT_URL);
  if (host === new URL(PUBLIC_ORIGIN).host) return [];
  return protocol === "wss:" ? [`wss://${host}`, `https://${host}`] : [`ws://${host}`, `http://${host}`];
}

/** The Content-Security-Policy of the portal's pages. */
export function pagePolicy(env: Pick<Env, "LIVEKIT_URL" | "PUBLIC_ORIGIN">): string {
  return [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "worker-src 'self' blob:",
    ["connect-src 'self'", ...livekitElsewhere(env)].join(" "),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** A file of the portal; its start page for every address that is none. */
export async function answerPortalFile(env: Env, request: Request): Promise<Response> {
  const found = await env.ASSETS.fetch(request);
  const headers = new Headers(found.headers);
  headers.set("content-security-policy", pagePolicy(env));
  headers.set("permissions-policy", "camera=(self), microphone=(self), geolocation=()");
  headers.set("referrer-policy", "same-origin");
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}
