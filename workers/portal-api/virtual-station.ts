/** The station in software that an organisation tries things on before its first real one. */
import type { z } from "zod";
import type { virtualStation } from "#core/messages/portal-api.ts";
import { connectDb } from "#db/client.ts";
import { ensureVirtualStation } from "#db/queries/devices.ts";
import type { Identity } from "../auth/session.ts";
import { pressVirtualStation } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

export async function answerVirtualStation(env: Env, identity: Identity): Promise<z.input<typeof virtualStation>> {
  return { deviceId: await ensureVirtualStation(connectDb(env), identity.organisationId) };
}

export async function answerVirtualPress(env: Env, identity: Identity): Promise<Response> {
  const id = await ensureVirtualStation(connectDb(env), identity.organisationId);
  const pressed = await pressVirtualStation(env, identity.organisationId, id);
  if (!pressed) return problem(503, "station-offline", "The virtual station is not ready yet. Try again in a moment.");
  return new Response(null, { status: 204 });
}
