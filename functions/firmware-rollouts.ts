/**
 * Rollouts, by the clock: every minute each is moved on, and whoever's turn it is is told; every hour those begin that the
 * policies ask for. What devices say meanwhile is kept as it comes (workers/devices/from-devices.ts).
 */
import { beginning, concernedBy } from "#core/firmware/beginning.ts";
import { takes } from "#core/firmware/policy.ts";
import { newestOfEach, type PublishedRelease, type ReleaseEnv, releasesIn } from "#core/firmware/published.ts";
import { isOpenRollout, mayTell, moveOn } from "#core/firmware/rollout.ts";
import { advance } from "#core/firmware/rollout-device.ts";
import type { DeviceCommand } from "#core/messages/device.ts";
import type { CommandId, DeviceId } from "#core/messages/values.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import type { Author } from "#db/queries/configuration.ts";
import { firmwareDevices } from "#db/queries/firmware-devices.ts";
import { firmwarePolicies, updateOf } from "#db/queries/firmware-policy.ts";
import {
  leaveReleased,
  pendingMembers,
  type StoredMember,
  saveMember,
  timePassed,
} from "#db/queries/rollout-devices.ts";
import {
  beginRollout,
  belowRelease,
  joinRollout,
  rolloutOf,
  rolloutsUnderWay,
  type StoredRollout,
  saveRollout,
  talliesOf,
  withRollouts,
} from "#db/queries/rollouts.ts";

export interface RolloutEnv {
  DATABASE_URL: string;
  NEON_FETCH_ENDPOINT: string;
}

/** Gives a device a command. `offline`: it found no connection, and the device knows nothing of it. */
export type Tell = (
  db: OrganisationDb,
  device: DeviceId,
  command: DeviceCommand,
  by: Author,
  now: number,
) => Promise<{ commandId: CommandId; state: "sent" | "offline" }>;

/** Who commands what began by itself. */
const platform: Author = { userId: "symphony", name: "Symphony" };

/** @param now milliseconds */
export async function moveRollouts(env: RolloutEnv, now: number, tell: Tell): Promise<void> {
  const db = connectDb(env);
  for (const organisation of await withRollouts(db, now)) await moveThose(organisationDb(db, organisation), now, tell);
}

async function moveThose(db: OrganisationDb, now: number, tell: Tell): Promise<void> {
  await timePassed(db, now);
  await leaveReleased(db, now);
  const rollouts = await rolloutsUnderWay(db);
  const tallies = await talliesOf(db, rollouts);
  const moved: StoredRollout[] = [];
  for (const before of rollouts) {
    const after = moveOn(before, tallies.get(before.id) ?? [], now);
    // Somebody decided on it in this very moment: it is looked at again in a minute.
    if (after !== before && !(await saveRollout(db, before, after, "move-rollout", undefined, now))) continue;
    moved.push({ ...before, ...after, steps: before.steps });
  }
  const [members, devices, policies] = await Promise.all([
    pendingMembers(db),
    firmwareDevices(db),
    firmwarePolicies(db),
  ]);
  // One that is still in the middle of another release is told of this one when that has ended.
  const busy = new Set(members.filter(({ deadline }) => deadline !== null).map(({ deviceId }) => deviceId));
  const known = new Map(devices.map((device) => [device.deviceId, device]));
  for (const rollout of moved) {
    for (const member of members.filter(({ rolloutId }) => rolloutId === rollout.id)) {
      const device = known.get(member.deviceId);
      if (!device || busy.has(member.deviceId)) continue;
      const candidate = {
        ...{ state: member.state, step: member.step, critical: member.critical, timeZone: device.timeZone },
        connected: device.connectedTo !== null,
        update: updateOf(policies, device),
      };
      if (mayTell({ ...rollout, byPerson: rollout.userId !== null }, candidate, now))
        await tellOne(db, rollout, member, now, tell);
    }
  }
}

/** Whoever sets it to "told" tells it, so that two clocks tell it once. */
async function tellOne(
  db: OrganisationDb,
  { release, userId, name }: StoredRollout,
  member: StoredMember,
  now: number,
  tell: Tell,
): Promise<void> {
  const told = { ...member, ...advance(member, { type: "told" }, now) };
  if (!(await saveMember(db, member, told))) return;
  const by = userId !== null && name !== null ? { userId, name } : platform;
  const { state, commandId } = await tell(db, member.deviceId, { do: "update-firmware", release }, by, now);
  const after = state === "offline" ? advance(told, { type: "not-reached" }, now) : told;
  await saveMember(db, told, after, { commandId });
}

/** Begins what the policies ask for of each hardware's newest release, and takes in devices that came later. */
export async function beginDueRollouts(env: RolloutEnv & ReleaseEnv, now: number): Promise<void> {
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
  const wanting = concernedBy(releases, newest, devices).filter(
    ({ device, critical }) => before?.userId || takes(updateOf(policies, device).policy, critical),
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
