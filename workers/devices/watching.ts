/** Looks after devices that drop off: who looks after them is told by mail, once a site, and again when they are back. */
import { may } from "#core/access/permissions.ts";
import { type SiteNews, watch } from "#core/device/watch.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { outagesOf, saveOutages, toWatch, type WatchedDevice, watchedDevices, whoIsTold } from "#db/queries/outages.ts";
import { type Mail, sendMail } from "../auth/mail.ts";
import type { Env } from "../env.ts";
import { log, reasonOf } from "../log.ts";
import { awayMail, backMail } from "./watch-mails.ts";

/** The clock calls once a minute; it is looked so often in it. Milliseconds. */
const lookEvery = 20_000;
const looks = 3;

const told: readonly Role[] = role.options.filter((one) => may(one, "configure-device"));

/** Milliseconds. */
const wall = { now: Date.now, pass: (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)) };

/** For one minute, or until people know how everything is. */
export async function watchForAMinute(env: Env, { now, pass } = wall): Promise<void> {
  for (let look = 0; look < looks; look++) {
    if (look > 0) await pass(lookEvery);
    if ((await watchDevices(env, now())) === 0) return;
  }
}

/**
 * One look at every organisation where something dropped off or came back that people do not know of. @param now milliseconds
 * @returns how many organisations that are
 */
export async function watchDevices(env: Env, now: number): Promise<number> {
  const db = connectDb(env);
  const organisations = await toWatch(db, now);
  for (const organisation of organisations) await watchOver(env, organisationDb(db, organisation), now);
  return organisations.length;
}

async function watchOver(env: Env, db: OrganisationDb, now: number): Promise<void> {
  const [devices, before] = await Promise.all([watchedDevices(db), outagesOf(db)]);
  const { outages, news } = watch(devices, before, now);
  // Kept first: a mail that is lost is better than one that comes every twenty seconds.
  const kept = await saveOutages(db, outages);
  if (news.length === 0) return;
  const people = await whoIsTold(db, told);
  // Whoever looked at the same moment tells of the others.
  const known = new Map(
    devices.filter(({ deviceId }) => kept.has(deviceId)).map((device) => [device.deviceId, device]),
  );
  const mails = news.flatMap((one) => people.flatMap((person) => mailsOf(env, one, known, person)));
  const sent = await Promise.allSettled(mails.map((mail) => sendMail(env.MAIL_URL, mail)));
  for (const one of sent) if (one.status === "rejected") log("mail not sent", { reason: reasonOf(one.reason) });
  await env.SWITCHBOARD.getByName(db.organisationId).devicesChanged(
    outages.map(({ deviceId }) => ({ deviceId, door: false })),
  );
}

function mailsOf(
  env: Env,
  { away, back }: SiteNews<DeviceId>,
  known: ReadonlyMap<DeviceId, WatchedDevice>,
  person: { email: string; name: string; organisation: string },
): Mail[] {
  const named = (outages: typeof away) =>
    outages.flatMap((outage) => {
      const device = known.get(outage.deviceId);
      return device ? [{ ...outage, name: device.name, site: device.site, timeZone: device.timeZone }] : [];
    });
  const [gone, here] = [named(away), named(back)];
  const page = `${env.PUBLIC_ORIGIN}/devices?show=offline`;
  return [
    ...(gone.length > 0 ? [awayMail(person, gone, page)] : []),
    ...(here.length > 0 ? [backMail(person, here, `${env.PUBLIC_ORIGIN}/devices`)] : []),
  ];
}
