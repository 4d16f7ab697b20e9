/** GET /api/doors: the organisation's doors with their newest call, and whether each is there. */
import type { z } from "zod";
import { openerOf } from "#core/access/door-openers.ts";
import { may } from "#core/access/permissions.ts";
import type { doorList } from "#core/messages/portal-api.ts";
import type { OrganisationDb } from "#db/client.ts";
import { doorList as storedDoors } from "#db/queries/devices.ts";
import type { Identity } from "../auth/session.ts";
import { doorStates, signedSnapshotUrl } from "../calls/routes.ts";
import type { Env } from "../env.ts";

export async function answerDoors(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  now: number,
): Promise<z.input<typeof doorList>> {
  const [stored, live] = await Promise.all([storedDoors(db, { ...identity, now }), doorStates(env, db.organisationId)]);
  const states = new Map(live.map((state) => [state.deviceId, state]));
  const { role } = identity;
  const mayAnswer = may(role, "answer-call");
  const doors = stored.map(async ({ createdAt, openers, last, ...door }) => {
    const own = openerOf(openers, identity);
    const state = states.get(door.deviceId);
    return {
      ...door,
      mayOpen: own !== undefined,
      mayAnswer,
      ...(own ? { output: { number: own.output, name: own.name, pulse: own.pulse, confirm: own.confirm } } : {}),
      online: state?.online ?? false,
      since: state?.since ?? createdAt.getTime(),
      ...(last
        ? {
            last: {
              callId: last.callId,
              at: last.at,
              outcome: last.outcome,
              ...(last.answeredBy ? { answeredBy: last.answeredBy } : {}),
              ...(last.hasSnapshot ? { snapshotUrl: await signedSnapshotUrl(env, last.callId, now) } : {}),
            },
          }
        : {}),
    };
  });
  return { doors: await Promise.all(doors) };
}
