/**
 * Watching over devices: whoever drops off is told of once, with the others at its site and what probably happened, and once more
 * when it is back. Pure: moments are in milliseconds.
 */
import { z } from "zod";

/** `ours`: the media node it was connected to is away, so nobody knows how the device is. */
export const cause = z.enum(["device", "site", "ours"]);
export type Cause = z.infer<typeof cause>;

export interface Watched<Id extends string = string> {
  deviceId: Id;
  siteId: string;
  connected: boolean;
  /** When it was connected last. Null: it never was, and nobody waits for it. */
  lastSeenAt: number | null;
  /** It was lost together with its media node. */
  lostWithNode: boolean;
  /** Until when its media node, which is back, waits for it to come back there. Null: it does not. */
  awaitedUntil: number | null;
  /** It starts a new release, and will be away for a moment. */
  restarts: boolean;
}

/** One time that a device was away. Of each device the last one is kept. */
export interface Outage<Id extends string = string> {
  deviceId: Id;
  since: number;
  cause: Cause;
  /** When people were told of it. Null: not yet, or it was over before. */
  toldAt: number | null;
  endedAt: number | null;
  /** When people were told that it is over. */
  endToldAt: number | null;
}

/** One mail. */
export interface SiteNews<Id extends string = string> {
  siteId: string;
  away: Outage<Id>[];
  back: Outage<Id>[];
}

/** A device that comes back by itself so soon is not worth a word. */
export const patience = 10_000;
/** A site that loses its power is noticed device by device: its mail waits until no other has dropped off for this long … */
export const siteSettles = 20_000;
/** … but no longer than this. */
export const sitePatience = 35_000;
/** A start on trial is decided within a minute, and some hardware takes its time. */
export const restartPatience = 10 * 60_000;
/**
 * How long a node that is there again waits for the devices that it lost. Each comes within the minute that it may pause between
 * two tries, and they come one after the other: of 10,000 together each took the node 6 ms on two busy cores. So who has died
 * meanwhile is told of within two minutes of the node's return, unless far more than a thousand were lost with it: of so many the last
 * are still on their way then, and their mails would be a storm about nothing. Milliseconds, `each` for every one that was lost.
 */
export const returnPatience = { least: 75_000, each: 10 };
/** One that was away lately and is away again is told of only when it stays away: it may do so all day. */
export const flapPatience = 15 * 60_000;
/** That a site is back is told when all of it is, or after this. */
export const backPatience = 10 * 60_000;

/**
 * What has changed since the last look.
 * @param before the last outage of each device that had one
 * @returns the outages that began or changed, and the news of each site that has some
 */
export function watch<Id extends string>(
  devices: readonly Watched<Id>[],
  before: readonly Outage<Id>[],
  now: number,
): { outages: Outage<Id>[]; news: SiteNews<Id>[] } {
  const known = new Map(before.map((one) => [one.deviceId, one]));
  const outages: Outage<Id>[] = [];
  const news: SiteNews<Id>[] = [];
  for (const [siteId, devicesThere] of Map.groupBy(devices, (device) => device.siteId)) {
    const site = siteOf(devicesThere);
    const looked = devicesThere.map((device) => look(device, known.get(device.deviceId), site, now));
    const after = looked.flatMap(({ outage }) => outage ?? []);
    const away = looked.flatMap(({ outage, told }) => (outage && told ? [outage] : []));
    const back = endsToTell(after, now);
    outages.push(
      ...looked.flatMap(({ outage, changed }) => (outage && changed && !back.has(outage.deviceId) ? [outage] : [])),
    );
    outages.push(...back.values());
    if (away.length > 0 || back.size > 0) news.push({ siteId, away, back: [...back.values()] });
  }
  return { outages, news };
}

interface Site {
  /** Everything there is away, and it is more than one thing. */
  whole: boolean;
  /** When a device dropped off there last. */
  lastDrop: number;
}

function siteOf(devices: readonly Watched[]): Site {
  const drops = devices.filter(isAway).map(({ lastSeenAt }) => lastSeenAt ?? 0);
  return { whole: devices.length > 1 && drops.length === devices.length, lastDrop: Math.max(0, ...drops) };
}

/** The ends that people hear of now, by device: of the whole site once nothing there is away any more, or after a while. */
function endsToTell<Id extends string>(outages: readonly Outage<Id>[], now: number): Map<Id, Outage<Id>> {
  const ended = outages.filter(
    ({ toldAt, endedAt, endToldAt }) => toldAt !== null && endedAt !== null && endToldAt === null,
  );
  const others = outages.some(({ toldAt, endedAt }) => toldAt !== null && endedAt === null);
  const waited = ended.some(({ endedAt }) => now - (endedAt ?? now) >= backPatience);
  if (others && !waited) return new Map();
  return new Map(ended.map((one) => [one.deviceId, { ...one, endToldAt: now }]));
}

const isAway = ({ connected, lastSeenAt }: Watched): boolean => !connected && lastSeenAt !== null;

/** How an outage goes on. `told`: people hear of it now. */
interface Looked<Id extends string> {
  outage: Outage<Id> | undefined;
  changed: boolean;
  told?: true;
}

function look<Id extends string>(
  { deviceId, lastSeenAt, lostWithNode, awaitedUntil, restarts, connected }: Watched<Id>,
  before: Outage<Id> | undefined,
  site: Site,
  now: number,
): Looked<Id> {
  const open = before?.endedAt === null;
  if (connected || lastSeenAt === null)
    return before && open ? { outage: { ...before, endedAt: now }, changed: true } : { outage: before, changed: false };
  if (before && open && before.toldAt !== null) return { outage: before, changed: false };
  // Nobody has heard that it was back: for people it is the same absence.
  if (before && before.toldAt !== null && before.endToldAt === null)
    return { outage: { ...before, endedAt: null }, changed: true };
  if (awaitedUntil !== null && now < awaitedUntil) return { outage: before, changed: false };
  const flaps = !open && before?.toldAt != null && now - (before.endedAt ?? now) < flapPatience;
  if (flaps) return { outage: before, changed: false };

  const why = lostWithNode ? "ours" : site.whole ? "site" : "device";
  const outage: Outage<Id> =
    before && open ? before : { deviceId, since: lastSeenAt, cause: why, toldAt: null, endedAt: null, endToldAt: null };
  const away = now - outage.since;
  const settled = now - site.lastDrop >= siteSettles || away >= sitePatience;
  if (away < (restarts ? restartPatience : patience) || !settled) return { outage, changed: !open };
  return { outage: { ...outage, cause: why, toldAt: now }, changed: true, told: true };
}
