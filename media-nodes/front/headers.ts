/** What of a request's headers goes on to the edge. Pure. */
import type { IncomingHttpHeaders } from "node:http";

/** RFC 9110 §7.6.1: these belong to one connection and are not handed on. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * What only the front may say: Miniflare believes `MF-*` blindly, the worker takes the client's address from `CF-*`, and
 * `Client-Cert` is by the front for devices alone (RFC 9440 §4).
 */
const ours = /^(mf-|cf-|x-forwarded-|x-real-ip$|forwarded$|true-client-ip$|client-cert(-chain)?$)/;

export interface Arrival {
  /** The client's address as the socket has it. */
  address: string;
  /** The full address the client asked for. */
  url: string;
}

/** The headers for the edge: what the client sent, less what it may not say, plus who it is. */
export function headersForEdge(headers: IncomingHttpHeaders, arrival: Arrival): Record<string, string | string[]> {
  const listed = String(headers.connection ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !hopByHop.has(entry[0]) && !listed.includes(entry[0]) && !ours.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    // As Cloudflare calls it, so that the worker has one way to learn it.
    "cf-connecting-ip": arrival.address.replace(/^::ffff:/, ""),
    "mf-original-url": arrival.url,
  };
}

/** Whether `host` is exactly one that this front answers for. The default port may be left out. */
export function hostAllowed(host: string | undefined, origin: string): boolean {
  const { host: expected, hostname, protocol, port } = new URL(origin);
  if (host === undefined) return false;
  if (host.toLowerCase() === expected) return true;
  return port === "" && host.toLowerCase() === `${hostname}:${protocol === "https:" ? 443 : 80}`;
}

/** LiveKit's signalling, which is all of LiveKit that is reachable from outside. */
export const isSignalling = (path: string): boolean => path === "/rtc" || /^\/rtc[/?]/.test(path);
