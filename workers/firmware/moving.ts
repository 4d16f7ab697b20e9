/**
 * Moves rollouts on: what is silent for too long has failed, each takes the step that core/firmware/rollout.ts says, and
 * whoever's turn it is is told. What devices say meanwhile is kept as it comes (workers/devices/from-devices.ts).
 */
import { restartHours } from "#core/firmware/policy.ts";
import { mayTell, moveOn } from "#core/firmware/rollout.ts";
import { advance } from "#core/firmware/rollout-device.ts";
import type { DeviceCommand } from "#core/messages/device.ts";
import { type CommandId, commandId, type DeviceId } from "#core/messages/values.ts";
import type { SiteHours } from "#core/schedule/maintenance-window.ts";
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
import { rolloutsUnderWay, type StoredRollout, saveRollout, talliesOf, withRollouts } from "#db/queries/rollouts.ts";
import { askDevice } from "../devices/to-devices.ts";
import type { Env } from "../env.ts";

/** Gives a device a command. `offline`: it found no connection, and the device knows nothing of it. */
export type Tell = (
  db: OrganisationDb,
  device: DeviceId,
  command: DeviceCommand,
  by: Author,
  now: number,
  own: CommandId,
) => Promise<{ state: "sent" | "offline" }>;

/** Who commands what began by itself. */
const platform: Author = { userId: "symphony", name: "Symphony" };

/** As many devices of an organisation are told in one go: the next minute tells the next. */
const atOnce = 200;

/** Every minute. @param now milliseconds */
export async function moveRollouts(env: Env, now: number, tell: Tell = tellBy(env)): Promise<void> {
  const db = connectDb(env);
  for (const organisation of await withRollouts(db, now))
    await moveOrganisation(organisationDb(db, organisation), now, tell);
}

/** The usual way to tell a device. */
export const tellBy =
  (env: Env): Tell =>
  (db, ...command) =>
    askDevice(env, db, ...command);

/** The rollouts of one organisation: by the clock, and at once where somebody has just decided. */
export async function moveOrganisation(db: OrganisationDb, now: number, tell: Tell): Promise<void> {
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
  const turn = moved.flatMap((rollout) =>
    members
      .filter((member) => member.rolloutId === rollout.id && !busy.has(member.deviceId))
      .flatMap((member) => {
        const device = known.get(member.deviceId);
        if (!device) return [];
        const candidate = {
          ...{ state: member.state, step: member.step, critical: member.critical, timeZone: device.timeZone },
          connected: device.connectedTo !== null,
          update: updateOf(policies, device),
        };
        const restartIn = restartHours(candidate.update, device.timeZone);
        return mayTell({ ...rollout, byPerson: rollout.userId !== null }, candidate, now)
          ? [{ rollout, member, restartIn }]
          : [];
      }),
  );
  for (const { rollout, member, restartIn } of turn.slice(0, atOnce))
    await tellOne(db, rollout, member, restartIn, now, tell);
}

/** Whoever sets it to "told" tells it, so that two clocks tell it once. */
async function tellOne(
  db: OrganisationDb,
  { release, userId, name }: StoredRollout,
  member: StoredMember,
  restartIn: SiteHours | undefined,
  now: number,
  tell: Tell,
): Promise<void> {
  const told = { ...member, ...advance(member, { type: "told" }, now) };
  // Known before it is asked: a device may answer while we still write down that it was.
  const own = commandId.parse(crypto.randomUUID());
  if (!(await saveMember(db, member, told, { commandId: own }))) return;
  const by = userId !== null && name !== null ? { userId, name } : platform;
  const command = { do: "update-firmware", release, ...(restartIn ? { restartIn } : {}) } as const;
  const { state } = await tell(db, member.deviceId, command, by, now, own);
  if (state === "offline") await saveMember(db, told, advance(told, { type: "not-reached" }, now));
}
