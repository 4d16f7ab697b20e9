/** The station in software that an organisation tries things on before its first real one. */
import type { z } from "zod";
import type { virtualStation } from "#core/messages/portal-api.ts";
import type { OrganisationDb } from "#db/client.ts";
import { ensureVirtualStation } from "#db/queries/devices.ts";
import type { Identity } from "../auth/session.ts";
import { pressVirtualStation } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

export async function answerVirtualStation(
  db: OrganisationDb,
  { userId, name }: Identity,
  now: number,
): Promise<z.input<typeof virtualStation>> {
  return { deviceId: await ensureVirtualStation(db, { userId, name }, now) };
}

export async function answerVirtualPress(env: Env, db: OrganisationDb, by: Identity, now: number): Promise<Response> {
  const id = await ensureVirtualStation(db, { userId: by.userId, name: by.name }, now);
  const pressed = await pressVirtualStation(env, db.organisationId, id);
  if (!pressed) return problem(503, "station-offline", "The virtual station is not ready yet. Try again in a moment.");
  return new Response(null, { status: 204 });
}
