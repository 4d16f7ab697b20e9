/** One place that talks HTTP to the edge: parses what comes, and turns what went wrong into an error with a code. */
import type { z } from "zod";
import { problem } from "#core/messages/portal-api.ts";

/** What went wrong with a request. `code` is stable; `status` is 0 where nothing was reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds after which trying again makes sense, where the edge said so. */
  readonly retryAfter?: number;

  constructor(status: number, code: string, detail: string, retryAfter?: number) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export const isOffline = (error: unknown): boolean => error instanceof ApiError && error.code === "unreachable";
export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;
/** Somebody is signed in who belongs nowhere. */
export const isWithoutOrganisation = (error: unknown): boolean =>
  error instanceof ApiError && error.code === "no-organisation";
export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  body?: object;
  signal?: AbortSignal;
}

/** The response, if it is one of success. @throws ApiError */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: ask.method ?? "GET",
      headers: { accept: "application/json", ...(ask.body && { "content-type": "application/json" }) },
      body: ask.body && JSON.stringify(ask.body),
      signal: ask.signal,
    });
  } catch (cause) {
    if (ask.signal?.aborted) throw cause;
    throw new ApiError(0, "unreachable", "The platform can’t be reached.");
  }
  if (response.ok) return response;
  throw await toError(response);
}

/** The body of the answer, checked. @throws ApiError, also for an answer of a shape we don't know (`unknown-answer`) */
export async function request<T extends z.ZodType>(schema: T, path: string, ask?: Ask): Promise<z.infer<T>> {
  const response = await send(path, ask);
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiError(response.status, "unknown-answer", "The platform answered in a way this page does not know.");
}

async function toError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const told = problem.safeParse(body);
  const after = Number(response.headers.get("retry-after") ?? response.headers.get("x-retry-after") ?? Number.NaN);
  const retryAfter = Number.isFinite(after) ? after : undefined;
  if (told.success) return new ApiError(response.status, told.data.code, told.data.detail, retryAfter);
  return new ApiError(response.status, codeIn(body) ?? `http-${response.status}`, response.statusText, retryAfter);
}

/** better-auth answers with `{ code, message }` of its own. */
function codeIn(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("code" in body)) return undefined;
  return typeof body.code === "string" ? body.code : undefined;
}
