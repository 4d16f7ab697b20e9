/** What the portal asks the edge about people and the audit, and how it changes who belongs and gets where. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type AuditEntry,
  type AuditFilter,
  auditList,
  auditPeople,
  type InvitationBody,
  peopleList,
  type ShareBody,
} from "#core/messages/people.ts";
import type { Role } from "#core/messages/portal-api.ts";
import { request, send } from "./request.ts";
import { ofTeam } from "./team-queries.ts";

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }) => request(peopleList, "/api/people", { signal }),
  staleTime: 15_000,
  // Who is here comes and goes.
  refetchInterval: 60_000,
});

const ofPerson = (userId: string) => `/api/people/${encodeURIComponent(userId)}`;

export const changeRole = (userId: string, role: Role) =>
  send(`${ofPerson(userId)}/role`, { method: "PUT", body: { role } });
export const removePerson = (userId: string) => send(ofPerson(userId), { method: "DELETE" });

/** Also sends an invitation again: the one before holds no more. */
export const invite = (body: InvitationBody) => send("/api/invitations", { method: "POST", body });
export const withdrawInvitation = (invitationId: string) =>
  send(`/api/invitations/${encodeURIComponent(invitationId)}`, { method: "DELETE" });

/** With whom something is shared. */
type Receiver = { userId: string } | { teamId: string };
const ofReceiver = (one: Receiver) => ("userId" in one ? ofPerson(one.userId) : ofTeam(one.teamId));
/** Also changes when a share ends. */
export const share = (receiver: Receiver, body: ShareBody) =>
  send(`${ofReceiver(receiver)}/shares`, { method: "POST", body });
export const endShare = (shareId: string) => send(`/api/shares/${encodeURIComponent(shareId)}`, { method: "DELETE" });

function auditPath(filter: AuditFilter, cursor: string | undefined): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, cursor }))
    if (value !== undefined) query.set(name, String(value));
  return `/api/audit?${query}`;
}

/** Never taken for fresh: who looks just after a change looks for it. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => request(auditList, auditPath(filter, pageParam), { signal }),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** Everything that the audit keeps under a filter, page by page. @throws ApiError */
export async function wholeAudit(filter: AuditFilter): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await request(auditList, auditPath(filter, cursor));
    entries.push(...page.entries);
    cursor = page.next;
  } while (cursor);
  return entries;
}

export const auditPeopleQuery = queryOptions({
  queryKey: ["audit", "people"],
  queryFn: async ({ signal }) => (await request(auditPeople, "/api/audit/people", { signal })).people,
  staleTime: 60_000,
});
