/** GET /api/calls and /api/calls/{callId}: what happened at the doors. */
import { z } from "zod";
import { callOutcome } from "#core/call/record.ts";
import type { callDetail, callList } from "#core/messages/portal-api.ts";
import { type CallId, callId, type DeviceId, label, moment, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import * as stored from "#db/queries/calls.ts";
import type { Identity } from "../auth/session.ts";
import { signedSnapshotUrl } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const page = 50;
const day = 24 * 60 * 60_000;

/** Where a page ended: its last call's start and identifier. Opaque to whoever holds it. */
const cursor = z
  .string()
  .max(100)
  .transform((text, context) => {
    const [at, id] = text.split("_");
    const parsed = z.object({ startedAt: moment, callId }).safeParse({ startedAt: Number(at), callId: id });
    if (parsed.success) return parsed.data;
    context.addIssue({ code: "custom", message: "is not one that was given out" });
    return z.NEVER;
  });

export const historyQuery = z.object({
  cursor: cursor.optional(),
  outcome: callOutcome.optional(),
  opened: z
    .enum(["true"])
    .transform(() => true)
    .optional(),
  search: z.string().trim().min(1).max(100).optional(),
  days: z.coerce.number().int().min(1).max(366).describe("Begun in so many days until now.").optional(),
  site: label.describe("Its name, as it was at the call.").optional(),
  answeredBy: userId.optional(),
});

interface Pictured {
  callId: CallId;
  deviceId: DeviceId;
  hasSnapshot: boolean;
}
type Signed<Stored extends Pictured> = Omit<Stored, "hasSnapshot"> & {
  snapshotUrl?: string;
};

async function withSnapshotUrl<Stored extends Pictured>(
  env: Env,
  { hasSnapshot, ...call }: Stored,
  { userId }: Identity,
  now: number,
): Promise<Signed<Stored>> {
  const { callId, deviceId } = call;
  const picture = { callId, deviceId, userId };
  return { ...call, ...(hasSnapshot ? { snapshotUrl: await signedSnapshotUrl(env, picture, now) } : {}) };
}

export async function answerHistory(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  { cursor: after, days, ...filter }: z.output<typeof historyQuery>,
  now: number,
): Promise<z.input<typeof callList>> {
  const since = days === undefined ? {} : { since: now - days * day };
  const found = await stored.callList(db, { ...identity, now }, { ...filter, ...since, after, limit: page + 1 });
  const calls = await Promise.all(found.calls.slice(0, page).map((call) => withSnapshotUrl(env, call, identity, now)));
  const last = found.calls.length > page ? calls.at(-1) : undefined;
  return {
    calls,
    ...(last ? { next: `${last.startedAt}_${last.callId}` } : {}),
    total: found.total,
    missed: found.missed,
    ...(after ? {} : { people: found.people }),
  };
}

export async function answerCall(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  id: CallId,
  now: number,
): Promise<z.input<typeof callDetail> | Response> {
  const call = await stored.callDetail(db, { ...identity, now }, id);
  if (!call) return problem(404, "no-such-call", "There is no such call, or it is kept no longer.");
  return withSnapshotUrl(env, call, identity, now);
}
