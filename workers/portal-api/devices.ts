/** /api/devices: what there is, what it ought to be, and what somebody changes about it. */
import type { z } from "zod";
import { changesRights, type Opener, withRights } from "#core/access/door-openers.ts";
import { may } from "#core/access/permissions.ts";
import { undecidedOf } from "#core/device/difference.ts";
import { modelNamed } from "#core/device/models.ts";
import { needsOf } from "#core/device/needs.ts";
import { type Fault, faultsOf } from "#core/device/suits-model.ts";
import type {
  commandAsked,
  commandList,
  commandRequest,
  DeviceChange,
  DeviceRow,
  DifferenceDecision,
  deviceDetail,
  deviceList,
} from "#core/messages/device-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { namesPrivateAddress } from "#core/network/public-address.ts";
import type { OrganisationDb } from "#db/client.ts";
import { changeDevice, configurationOf, dropDifference } from "#db/queries/configuration.ts";
import { changesOf, deviceRows, placesOf, type StoredDevice } from "#db/queries/device-list.ts";
import { commandsOf, forgetFailedUpdate } from "#db/queries/device-presence.ts";
import { heldDevice } from "#db/queries/held-devices.ts";
import { membersNamed } from "#db/queries/openers.ts";
import { unrungPeople } from "#db/queries/people.ts";
import { reachedByShare } from "#db/queries/reach.ts";
import { siteRows } from "#db/queries/sites.ts";
import type { Identity } from "../auth/session.ts";
import { accessChanged, doorStates } from "../calls/routes.ts";
import { sealCameras } from "../devices/camera-credentials.ts";
import { askDevice, tellDesired } from "../devices/to-devices.ts";
import type { Env } from "../env.ts";
import { updateCommand } from "../firmware/asked.ts";
import { problem } from "../http/problem.ts";

const unknown = () => problem(404, "unknown-device", "There is no such device here.");
const meanwhile = () => problem(409, "changed-meanwhile", "Somebody else changed this device. Look again.");
/** A device renews its certificate when two thirds of its life are over. */
const renewal = 2 / 3;

type Live = Awaited<ReturnType<typeof doorStates>>[number];

function row(stored: StoredDevice, live: Live | undefined, now: number): DeviceRow {
  const { siteId, site, certificate, model: modelName, ...rest } = stored;
  const online = live?.online === true || stored.connectedAt !== undefined;
  const model = modelName === undefined ? undefined : modelNamed(modelName);
  const away = online ? undefined : rest.lostWith === null ? (rest.cause ?? undefined) : "ours";
  const good = certificate && !certificate.revoked ? certificate : undefined;
  const { deviceId, name, groups, virtual, revision, serial, firmware, release, progress, lastSeenAt, states } = rest;
  const came = live?.online ? live.since : rest.connectedAt;
  const went = Math.max(live?.since ?? rest.createdAt, lastSeenAt ?? rest.createdAt);
  return {
    deviceId,
    name,
    site: { siteId, name: site },
    groups,
    virtual,
    ...(modelName === undefined ? {} : { model: modelName }),
    ...(model ? { family: model.family } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(serial === undefined ? {} : { serial }),
    ...(firmware === undefined ? {} : { firmware }),
    ...(release === undefined ? {} : { release }),
    ...(progress === undefined ? {} : { update: progress }),
    online,
    since: online && came !== undefined ? came : went,
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    ...(away === undefined ? {} : { away }),
    states,
    ...(good
      ? {
          certificate: {
            until: good.until,
            renewsAt: Math.round(good.issuedAt + (good.until - good.issuedAt) * renewal),
          },
        }
      : {}),
    settings: virtual || rest.reportedVersion === rest.version ? "applied" : "on-its-way",
    needs: needsOf(
      {
        online,
        virtual,
        ...(good ? { certificateUntil: good.until } : {}),
        revoked: certificate?.revoked ?? false,
        changedOnDevice: undecidedOf(stored).length > 0,
        buttons: rest.buttons,
        answerers: rest.answerers,
        belowFloor: rest.belowFloor,
        ...(progress?.phase === "failed" || progress?.phase === "fell-back"
          ? { failedUpdate: { release: progress.release, runs: release, newest: rest.newestRollout } }
          : {}),
      },
      now,
    ),
  };
}

/** Who is rung by nothing is told to those who may see people. */
export async function answerDevices(
  env: Env,
  db: OrganisationDb,
  { role }: Identity,
  now: number,
): Promise<z.input<typeof deviceList>> {
  const [stored, live, unrung] = await Promise.all([
    deviceRows(db, now),
    doorStates(env, db.organisationId),
    may(role, "see-people") ? unrungPeople(db, now) : [],
  ]);
  const states = new Map(live.map((state) => [state.deviceId, state]));
  return { devices: stored.map((device) => row(device, states.get(device.deviceId), now)), unrung };
}

export async function answerDevice(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  now: number,
): Promise<z.input<typeof deviceDetail> | Response> {
  const [[stored], found, changes, live] = await Promise.all([
    deviceRows(db, now, id),
    configurationOf(db, id),
    changesOf(db, 20, id),
    doorStates(env, db.organisationId),
  ]);
  if (!stored || !found) return unknown();
  const state = live.find((one) => one.deviceId === id);
  const model = stored.model === undefined ? undefined : modelNamed(stored.model);
  return {
    ...row(stored, state, now),
    ...(found.address === null ? {} : { address: found.address }),
    blocked: stored.blocked,
    ...(state ? { contact: state.contact } : {}),
    ...(stored.claimedAt !== undefined && stored.claimedByName !== undefined
      ? { claimed: { at: stored.claimedAt, by: stored.claimedByName } }
      : {}),
    ...(model
      ? {
          fitted: {
            outputs: model.outputs,
            inputs: model.inputs,
            buttons: model.buttons,
            camera: model.camera,
            screen: model.screen === "touch",
          },
        }
      : {}),
    configuration: {
      ...found.configuration,
      doorOpeners: found.openers,
      cameras: found.configuration.cameras.map((camera) => ({
        ...camera,
        hasPassword: camera.id in found.sealedCredentials,
        silent: found.silentCameras.includes(camera.id),
        notAsked: found.camerasNotAsked[camera.id] ?? null,
      })),
    },
    version: found.version,
    differences: found.undecided.map((field) => ({
      field,
      here: found.configuration[field],
      onDevice: found.reported?.[field],
    })),
    changes,
  };
}

function inWords(fault: Fault): string {
  switch (fault.fault) {
    case "no-such-output":
      return `This model has ${fault.fitted} outputs, and none of number ${fault.output}.`;
    case "output-opens-a-door":
      return `Output ${fault.output} opens a door: nothing else may switch it.`;
    case "too-many-buttons":
      return `This model has ${fault.fitted} buttons.`;
    case "same-button-twice":
      return `The button ${fault.key} is there twice.`;
  }
}

/** Openers as they are to be, with who may open by each: what was asked for, or else what was before. */
async function openersAsked(
  db: OrganisationDb,
  asked: NonNullable<DeviceChange["doorOpeners"]>,
  before: readonly Opener[],
): Promise<Opener[] | Response> {
  const named = asked.flatMap(({ openedBy }) => (openedBy && openedBy !== "everybody" ? openedBy.people : []));
  const members = new Map((await membersNamed(db, named)).map((one) => [one.userId, one]));
  if (named.some((one) => !members.has(one)))
    return problem(422, "unknown-person", "Somebody who is to open is not of this organisation.");
  const inFull = asked.map(({ openedBy, ...one }) => {
    if (!openedBy || openedBy === "everybody") return { ...one, openedBy };
    const people = openedBy.people.flatMap((person) => members.get(person) ?? []);
    return { ...one, openedBy: { roles: openedBy.roles, people } };
  });
  return withRights(inFull, before);
}

/**
 * Changes what may stand at another site by this: it is shared with those with whom that is, and no more with those of the one
 * before. @returns what `change` said; false where nothing was changed
 */
export async function moving(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  change: () => Promise<boolean>,
  now: number,
): Promise<boolean> {
  const before = await reachedByShare(db, id, now);
  if (!(await change())) return false;
  const after = await reachedByShare(db, id, now);
  const concerned = [...before, ...after].filter((who) => before.has(who) !== after.has(who));
  await Promise.all(concerned.map((who) => accessChanged(env, db.organisationId, who)));
  return true;
}

/** Changes a device; 409 where somebody was faster, 422 where its model can't do it. */
export async function answerDeviceChange(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  asked: DeviceChange,
  identity: Identity,
  now: number,
): Promise<z.input<typeof deviceDetail> | Response> {
  const [[stored], found, sites] = await Promise.all([deviceRows(db, now, id), configurationOf(db, id), siteRows(db)]);
  if (!stored || !found) return unknown();
  // What is judged here is what is written over: no other version can come between.
  if (asked.version !== found.version) return meanwhile();
  if (asked.siteId && !sites.some((site) => site.siteId === asked.siteId))
    return problem(422, "unknown-site", "There is no such site here.");
  const model = stored.model === undefined ? undefined : modelNamed(stored.model);
  const { version: _version, siteId: _siteId, groups: _groups, cameras, ...parts } = asked;
  // A name may lead there as well: that is seen by the media node, when it connects.
  if (stored.virtual && cameras?.some(({ address }) => namesPrivateAddress(address)))
    return problem(422, "camera-not-public", "The virtual station reaches cameras at public addresses alone.");
  const openers = asked.doorOpeners && (await openersAsked(db, asked.doorOpeners, found.openers));
  if (openers instanceof Response) return openers;
  if (openers && changesRights(found.openers, openers) && !may(identity.role, "share-access"))
    return problem(403, "not-allowed", "Who may open a door is for the owner and administrators to say.");
  const [fault] = model ? faultsOf({ ...found.configuration, ...parts }, model) : [];
  if (fault) return problem(422, fault.fault, inWords(fault));
  const configuration = { ...found.configuration, doorOpeners: found.openers };
  const before = { siteId: stored.siteId, groups: stored.groups, configuration };
  const { doorOpeners: _openers, ...others } = asked;
  const edit = {
    ...others,
    ...(openers ? { doorOpeners: openers } : {}),
    ...(cameras ? await sealCameras(env, id, cameras, found) : {}),
  };
  const change = () => changeDevice(db, id, edit, before, { userId: identity.userId, name: identity.name });
  const changed = await (asked.siteId ? moving(env, db, id, change, now) : change());
  if (!changed) return meanwhile();
  await tellDesired(env, db, id);
  // What of a door people are shown is another for those who may open it no more.
  if (openers) await env.SWITCHBOARD.getByName(db.organisationId).devicesChanged([{ deviceId: id, door: true }]);
  return answerDevice(env, db, id, now);
}

/** An update that failed is nothing that wants a hand any more: somebody took note. 409 where none has. */
export async function answerFailureNoted(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  identity: Identity,
  now: number,
): Promise<z.input<typeof deviceDetail> | Response> {
  if (await forgetFailedUpdate(db, id, identity, now)) return answerDevice(env, db, id, now);
  return (await heldDevice(db, id))
    ? problem(409, "no-failed-update", "Its last update did not fail, or a newer one has begun.")
    : unknown();
}

/** Decides on something that was changed on the device itself. */
export async function answerDifference(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  { field, decision }: DifferenceDecision,
  identity: Identity,
  now: number,
): Promise<z.input<typeof deviceDetail> | Response> {
  const found = await configurationOf(db, id);
  if (!found) return unknown();
  const onDevice = found.reported?.[field];
  if (!found.undecided.includes(field) || onDevice === undefined)
    return problem(409, "no-difference", "The device runs with what is set here already.");
  if (decision === "drop") {
    await dropDifference(db, id, field, { userId: identity.userId, name: identity.name }, onDevice);
    await tellDesired(env, db, id);
    return answerDevice(env, db, id, now);
  }
  if (field === "timeZone") return problem(422, "site-sets-time-zone", "The time zone is the site's: change it there.");
  return answerDeviceChange(env, db, id, { version: found.version, [field]: onDevice }, identity, now);
}

export async function answerCommand(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  asked: z.output<typeof commandRequest>,
  { userId, name }: Identity,
  now: number,
): Promise<z.input<typeof commandAsked> | Response> {
  const place = (await placesOf(db, [id])).get(id);
  if (!place || place.virtual) return unknown();
  const command = asked.do === "update-firmware" ? (await updateCommand(db, asked))(place) : asked;
  return askDevice(env, db, id, command, { userId, name }, now);
}

export async function answerCommands(
  db: OrganisationDb,
  id: DeviceId,
): Promise<z.input<typeof commandList> | Response> {
  const [held, commands] = await Promise.all([heldDevice(db, id), commandsOf(db, id, 20)]);
  return held ? { commands } : unknown();
}
