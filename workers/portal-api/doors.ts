/** GET /api/doors: the organisation's doors with their newest call, and whether each is there. */
import type { z } from "zod";
import { openersOf, withoutRights } from "#core/access/door-openers.ts";
import { may } from "#core/access/permissions.ts";
import type { doorList } from "#core/messages/portal-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { type StoredDoor, doorList as storedDoors } from "#db/queries/devices.ts";
import type { Identity } from "../auth/session.ts";
import { doorStates, signedSnapshotUrl } from "../calls/routes.ts";
import type { Env } from "../env.ts";

type LastCall = NonNullable<StoredDoor["last"]>;

export async function answerDoors(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  now: number,
): Promise<z.input<typeof doorList>> {
  const [stored, live] = await Promise.all([storedDoors(db, { ...identity, now }), doorStates(env, db.organisationId)]);
  const states = new Map(live.map((state) => [state.deviceId, state]));
  const { role, userId } = identity;
  const mayAnswer = may(role, "answer-call");
  const shownCall = async (deviceId: DeviceId, { answeredBy, hasSnapshot, ...call }: LastCall) => ({
    ...call,
    ...(answeredBy ? { answeredBy } : {}),
    ...(hasSnapshot
      ? { snapshotUrl: await signedSnapshotUrl(env, { callId: call.callId, deviceId, userId }, now) }
      : {}),
  });
  const doors = stored.map(async ({ createdAt, openers, last, ...door }) => {
    const state = states.get(door.deviceId);
    return {
      ...door,
      mayAnswer,
      openers: withoutRights(openersOf(openers, identity)),
      online: state?.online ?? false,
      since: state?.since ?? createdAt.getTime(),
      ...(last ? { last: await shownCall(door.deviceId, last) } : {}),
    };
  });
  return { doors: await Promise.all(doors) };
}
