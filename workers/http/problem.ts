/** RFC 9457: every refusal of ours looks the same. */
import type { Problem } from "#core/messages/portal-api.ts";

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  426: "Upgrade required",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available",
};

/** @param code stable, for programs; `detail` is a sentence for a person */
export function problem(status: number, code: string, detail: string, headers: HeadersInit = {}): Response {
  const body: Problem = { type: "about:blank", title: titles[status] ?? "Error", status, detail, code };
  const all = new Headers(headers);
  all.set("content-type", "application/problem+json");
  return new Response(JSON.stringify(body), { status, headers: all });
}
