/** /api/rollouts: somebody begins one, or decides on it. Whose turn it is then is told at once. */
import type { z } from "zod";
import { beginning, concernedBy } from "#core/firmware/beginning.ts";
import { isFor, releasesIn, wayBack } from "#core/firmware/published.ts";
import { decide, isOpenRollout } from "#core/firmware/rollout.ts";
import type { NewRollout, RolloutDecision, RolloutId, rolloutDetail } from "#core/messages/firmware-api.ts";
import type { OrganisationDb } from "#db/client.ts";
import { firmwareDevices } from "#db/queries/firmware-devices.ts";
import { membersOf } from "#db/queries/rollout-devices.ts";
import { beginRollout, rolloutById, type StoredRollout, saveRollout, talliesOf } from "#db/queries/rollouts.ts";
import type { Identity } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { moveOrganisation, tellBy } from "./moving.ts";
import { answerRollout, unknownRollout } from "./overview.ts";

type Answer = Promise<z.input<typeof rolloutDetail> | Response>;

const nobodyNeedsIt = () => problem(409, "nobody-needs-it", "No device here gets something else by this release.");
const meanwhile = () => problem(409, "changed-meanwhile", "This rollout was moved on meanwhile. Look again.");

/** Begins a rollout to every device of that hardware, whatever its policy; one that is open gives way to it. */
export async function answerNewRollout(
  env: Env,
  db: OrganisationDb,
  { approval, ...wanted }: NewRollout,
  { userId, name }: Identity,
  now: number,
): Answer {
  const [releases, devices] = await Promise.all([releasesIn(env), firmwareDevices(db)]);
  const release = releases.find((one) => isFor(one, wanted) && one.number === wanted.release);
  if (!release) return problem(404, "unknown-release", "No such release is published.");
  const concerned = concernedBy(releases, release, devices);
  if (concerned.length === 0) return nobodyNeedsIt();
  const id = await beginRollout(db, { ...beginning(release, concerned, { approval }, now), by: { userId, name } });
  return id ? moved(env, db, id, now) : meanwhile();
}

async function moved(env: Env, db: OrganisationDb, id: RolloutId, now: number): Answer {
  await moveOrganisation(db, now, tellBy(env));
  return answerRollout(env, db, id, now);
}

/** Old contents come back at once, to those devices alone that the rollout had reached. */
async function goBack(env: Env, db: OrganisationDb, from: StoredRollout, { userId, name }: Identity, now: number) {
  const [releases, devices, members] = await Promise.all([
    releasesIn(env),
    firmwareDevices(db),
    membersOf(db, from.id),
  ]);
  const { model, revision, release: number } = from;
  const release = wayBack(releases, { model, revision, number });
  if (!release)
    return problem(409, "no-way-back", "Its maker has not published the contents of before under a higher number yet.");
  const reached = new Set(members.filter(({ attempts }) => attempts > 0).map(({ deviceId }) => deviceId));
  const concerned = concernedBy(releases, release, devices).filter(({ device }) => reached.has(device.deviceId));
  if (concerned.length === 0) return nobodyNeedsIt();
  const all = { approval: false, steps: [100] };
  const id = await beginRollout(db, {
    ...beginning(release, concerned, all, now),
    by: { userId, name },
    back: from.id,
  });
  return id ? moved(env, db, id, now) : meanwhile();
}

export async function answerDecision(
  env: Env,
  db: OrganisationDb,
  id: RolloutId,
  asked: RolloutDecision,
  identity: Identity,
  now: number,
): Answer {
  const before = await rolloutById(db, id);
  if (!before) return unknownRollout();
  if (asked.do === "go-back") {
    const stopped = isOpenRollout(before) ? await decideOn(db, before, "stop", identity, now) : undefined;
    return stopped ?? goBack(env, db, before, identity, now);
  }
  return (await decideOn(db, before, asked.do, identity, now)) ?? moved(env, db, id, now);
}

/** @returns why it was not decided; undefined: it was */
async function decideOn(
  db: OrganisationDb,
  before: StoredRollout,
  what: Exclude<RolloutDecision["do"], "go-back">,
  { userId, name }: Identity,
  now: number,
): Promise<Response | undefined> {
  const tallies = (await talliesOf(db, [before])).get(before.id) ?? [];
  const after = decide(before, what, tallies, now);
  if (!after) return problem(409, "not-now", "As it stands, this can't be decided.");
  const saved = await saveRollout(db, before, after, `${what}-rollout`, { userId, name }, now);
  return saved ? undefined : meanwhile();
}
