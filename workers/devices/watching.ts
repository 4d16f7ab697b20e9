/** Looks after devices that drop off: who looks after them is told by mail, once a site, and again when they are back. */
import { may } from "#core/access/permissions.ts";
import { watch } from "#core/device/watch.ts";
import { nextTry } from "#core/mail/tries.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import {
  forgetMails,
  outagesOf,
  putOffMails,
  saveOutages,
  takeDueMails,
  toWatch,
  type WatchMail,
  watchedDevices,
} from "#db/queries/outages.ts";
import { sendMail } from "../auth/mail.ts";
import type { Env } from "../env.ts";
import { log, reasonOf } from "../log.ts";
import { count } from "../metrics.ts";
import { watchMail } from "./watch-mails.ts";

/** The clock calls once a minute; it is looked so often in it. Milliseconds. */
const lookEvery = 20_000;
const looks = 3;

const told: readonly Role[] = role.options.filter((one) => may(one, "configure-device"));

/** Milliseconds. */
const wall = { now: Date.now, pass: (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)) };

export async function watchForAMinute(env: Env, { now, pass } = wall): Promise<void> {
  for (let look = 0; look < looks; look++) {
    if (look > 0) await pass(lookEvery);
    await watchDevices(env, now());
  }
}

/** One look at every organisation where something dropped off or came back that people do not know of. @param now milliseconds */
export async function watchDevices(env: Env, now: number): Promise<void> {
  const db = connectDb(env);
  const organisations = (await toWatch(db, now)).map((id) => organisationDb(db, id));
  for (const one of organisations) await watchOver(env, one, now);
  // After all looks: they do not wait for a mail server that says nothing.
  for (const one of organisations) await sendDueMails(env, one, now);
}

async function watchOver(env: Env, db: OrganisationDb, now: number): Promise<void> {
  const [devices, before] = await Promise.all([watchedDevices(db), outagesOf(db)]);
  const { outages, news } = watch(devices, before, now);
  await saveOutages(db, outages, news, told, now);
  if (news.length === 0) return;
  await env.SWITCHBOARD.getByName(db.organisationId).devicesChanged(
    outages.map(({ deviceId }) => ({ deviceId, door: false })),
  );
}

/** So many mails leave at the same time. */
const atOnce = 50;
/** One that is being sent by somebody who stopped in between is sent again after this. Milliseconds. */
const sendingTakes = 10 * 60_000;

/** Sends the mails whose turn it is. What is not taken is sent again later, and given up in the end: that is told to who runs this. */
async function sendDueMails(env: Env, db: OrganisationDb, now: number): Promise<void> {
  let mails: WatchMail[];
  do {
    mails = await takeDueMails(db, atOnce, now, now + sendingTakes);
    const tried = await Promise.all(mails.map(async (mail) => ({ mail, refused: await refusalOf(env, mail) })));
    const again = tried.flatMap(({ mail: { id, tries, writtenAt }, refused }) => {
      const dueAt = refused ? nextTry({ tries, since: writtenAt }, now) : undefined;
      if (refused) count(dueAt ? "mails_refused_total" : "mails_given_up_total");
      if (refused) log(dueAt ? "mail not sent" : "mail given up", { mail: id, tries, reason: refused });
      return dueAt ? [{ id, dueAt }] : [];
    });
    await putOffMails(db, again);
    const later = new Set(again.map(({ id }) => id));
    await forgetMails(
      db,
      mails.map(({ id }) => id).filter((id) => !later.has(id)),
    );
  } while (mails.length === atOnce);
}

/** Why a mail was not taken, or nothing. */
async function refusalOf(env: Env, mail: WatchMail): Promise<string | undefined> {
  try {
    await sendMail(env.MAIL_URL, { id: mail.id, ...watchMail(mail, env.PUBLIC_ORIGIN) });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
