/** Where a site stands decides what time it is there: countries, and the time zones of each as the runtime's CLDR data has them. */
import { z } from "zod";

/** The country's time zones by their IANA names, those of whole countries before those of parts. @param country ISO 3166-1 alpha-2 */
export function zonesOf(country: string): string[] {
  const segments = (zone: string) => zone.split("/").length;
  const zones = new Intl.Locale(`und-${country}`).getTimeZones() ?? [];
  return zones.toSorted((one, other) => segments(one) - segments(other) || (one < other ? -1 : 1));
}

const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));

/** Every country that keeps a time, and goes by this code still: SU is RU now. */
export const countries = (): string[] =>
  letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}` && zonesOf(code).length > 0);

export const country = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .refine((code) => zonesOf(code).length > 0, "there is no such country, as AT is one");

export interface Place {
  /** ISO 3166-1 alpha-2. */
  country?: string | undefined;
  /** As on an envelope. */
  address?: string | undefined;
}

/** The town a zone is named after: "America/New_York" is New York's. */
const townOf = (zone: string): string => zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");

function names(address: string, town: string): boolean {
  const words = (text: string) =>
    ` ${text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .join(" ")} `;
  return words(address).includes(words(town));
}

/** The months of the year that begins now, as far as a clock that is changed goes. Milliseconds. */
const months = (now: number) => Array.from({ length: 12 }, (_, at) => now + at * 30.5 * 86_400_000);

function sameTime(zones: readonly string[], now: number): boolean {
  const walls = zones.map((timeZone) => {
    const clock = new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "short" });
    return months(now)
      .map((at) => clock.format(at))
      .join();
  });
  return new Set(walls).size === 1;
}

/**
 * The time zone of a place: its country's only one, the one of a town in its address, or any where the country's clocks all
 * show the same. Undefined: somebody has to say.
 * @param now milliseconds
 */
export function zoneOf({ country, address }: Place, now: number): string | undefined {
  if (country === undefined) return undefined;
  const zones = zonesOf(country);
  const named = address === undefined ? [] : zones.filter((zone) => names(address, townOf(zone)));
  // Of "York" and "New York" the longer was meant.
  const [town] = named.toSorted((one, other) => townOf(other).length - townOf(one).length);
  return town ?? (sameTime(zones, now) ? zones[0] : undefined);
}

export type Timed = Place & { timeZone: string };

/**
 * The time zone that a site keeps from now on: the one somebody names, or else the one of where it stands. What somebody
 * named before stays while the site is in that country. Undefined: the country has several, and somebody has to say which.
 * @param now milliseconds
 */
export function zoneAfter(
  before: Timed,
  after: Place & { timeZone?: string | undefined },
  now: number,
): string | undefined {
  if (after.timeZone !== undefined) return after.timeZone;
  const moved = after.country !== before.country;
  const said = before.country !== undefined && before.timeZone !== zoneOf(before, now);
  if (after.country === undefined || (!moved && said)) return before.timeZone;
  const stays = zonesOf(after.country).includes(before.timeZone) ? before.timeZone : undefined;
  return zoneOf(after, now) ?? stays;
}
