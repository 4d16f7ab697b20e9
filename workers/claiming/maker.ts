/** POST /maker/identities: a maker tells of a device that leaves its factory, with a certificate of its own authority. */
import { modelNamed } from "#core/device/models.ts";
import type { FactoryDelivery } from "#core/messages/claiming.ts";
import { connectDb } from "#db/client.ts";
import { takeIdentity } from "#db/queries/identities.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { codeHmac } from "./code-hmac.ts";
import { presented } from "./presented.ts";

export async function answerDelivery(
  env: Env,
  request: Request,
  delivery: FactoryDelivery,
  now: number,
): Promise<Response> {
  const who = await presented(env, request, now);
  if (who?.kind !== "maker") return problem(401, "no-maker", "Show a maker's certificate, over TLS.");
  const { serial, model, revision, code } = delivery;
  if (!who.maker.models.includes(model) || !modelNamed(model))
    return problem(403, "not-your-model", `${who.maker.name} does not vouch for a ${model}.`);
  const hmac = await codeHmac(env, code);
  const taken = await takeIdentity(connectDb(env), {
    id: crypto.randomUUID(),
    makerId: who.maker.id,
    serial,
    model,
    revision,
    codeHmac: hmac,
  });
  if (!taken?.stands) return problem(409, "known-already", "This serial number or this code is known already.");
  return Response.json({ deviceId: taken.id });
}
