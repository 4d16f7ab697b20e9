/** What the portal asks the edge for, by name. A query's key is here and nowhere else. */
import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { CallOutcome } from "#core/call/record.ts";
import { type CallSummary, callDetail, callList, doorList, health, me } from "#core/messages/portal-api.ts";
import { ApiError, request } from "./request.ts";

/** What to show of the history. */
export interface CallFilter {
  outcome?: CallOutcome;
  opened?: boolean;
  search?: string;
  /** Begun in so many days until now. */
  days?: number;
  site?: string;
  /** A person's id. */
  answeredBy?: string;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => request(me, "/api/me", { signal }),
  staleTime: 5 * 60_000,
});

export const doorsQuery = queryOptions({
  queryKey: ["doors"],
  queryFn: async ({ signal }) => (await request(doorList, "/api/doors", { signal })).doors,
  staleTime: 30_000,
});

export type CallListPage = z.output<typeof callList>;

function callsPath(filter: CallFilter, cursor: string | undefined): string {
  const query = new URLSearchParams();
  if (cursor) query.set("cursor", cursor);
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
  return `/api/calls?${query}`;
}

export const callsQuery = (filter: CallFilter) =>
  infiniteQueryOptions({
    queryKey: ["calls", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => request(callList, callsPath(filter, pageParam), { signal }),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });

/** Every call there is under a filter, page by page. @throws ApiError */
export async function allCalls(filter: CallFilter): Promise<CallSummary[]> {
  const calls: CallSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await request(callList, callsPath(filter, cursor));
    calls.push(...page.calls);
    cursor = page.next;
  } while (cursor);
  return calls;
}

/** Missed calls to call back, newest first, and how many there are in all. */
export const missedCallsQuery = queryOptions({
  queryKey: ["calls", "missed"],
  queryFn: ({ signal }) => request(callList, "/api/calls?outcome=missed", { signal }),
  staleTime: 15_000,
});
/** How many calls were missed. */
export const missedQuery = { ...missedCallsQuery, select: (list: z.infer<typeof callList>) => list.missed };

export const callQuery = (callId: string) =>
  queryOptions({
    queryKey: ["call", callId],
    queryFn: ({ signal }) => request(callDetail, `/api/calls/${encodeURIComponent(callId)}`, { signal }),
    staleTime: 60_000,
  });

/** Whether every part of the platform runs: for who is not signed in yet. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal }) => {
    try {
      return (await request(health, "/health", { signal })).status;
    } catch (error) {
      // 503 is the answer of an edge that misses a part.
      if (error instanceof ApiError && error.status === 503) return "degraded" as const;
      throw error;
    }
  },
  retry: false,
  refetchInterval: 60_000,
});

/** Tries again only what may go better next time: never what was refused. */
export const createQueries = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      },
      mutations: { networkMode: "always" },
    },
  });
