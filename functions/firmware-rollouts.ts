/** Every hour: rollouts begin that the policies ask for. How they go on is in workers/firmware/moving.ts. */
import { beginning, concernedBy } from "#core/firmware/beginning.ts";
import { takes } from "#core/firmware/policy.ts";
import { newestOfEach, type PublishedRelease, type ReleaseEnv, releasesIn } from "#core/firmware/published.ts";
import { isOpenRollout } from "#core/firmware/rollout.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { firmwareDevices } from "#db/queries/firmware-devices.ts";
import { firmwarePolicies, updateOf } from "#db/queries/firmware-policy.ts";
import { beginRollout, belowRelease, joinRollout, rolloutOf } from "#db/queries/rollouts.ts";

export interface RolloutEnv extends ReleaseEnv {
  DATABASE_URL: string;
  NEON_FETCH_ENDPOINT: string;
}

/** Begins what the policies ask for of each hardware's newest release, and takes in devices that came later. */
export async function beginDueRollouts(env: RolloutEnv, now: number): Promise<void> {
  const db = connectDb(env);
  const releases = await releasesIn(env);
  for (const newest of newestOfEach(releases))
    for (const organisation of await belowRelease(db, newest))
      await beginDue(organisationDb(db, organisation), releases, newest, now);
}

async function beginDue(
  db: OrganisationDb,
  releases: readonly PublishedRelease[],
  newest: PublishedRelease,
  now: number,
): Promise<void> {
  const [devices, policies, before] = await Promise.all([
    firmwareDevices(db),
    firmwarePolicies(db),
    rolloutOf(db, newest),
  ]);
  if (before && !isOpenRollout(before)) return;
  const wanting = concernedBy(releases, newest, devices).filter(({ device, critical }) =>
    takes(updateOf(policies, device).policy, critical),
  );
  if (before) {
    const last = before.steps.length - 1;
    const later = wanting.map(({ device, critical }) => ({ deviceId: device.deviceId, step: last, critical }));
    await joinRollout(db, before, later, new Date(now));
  } else if (wanting.length > 0) {
    const { approval } = policies.organisation;
    await beginRollout(db, beginning(newest, wanting, { approval }, now));
  }
}
