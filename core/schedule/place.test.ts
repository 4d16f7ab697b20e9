import { expect, it, test } from "vitest";
import { countries, country, zoneAfter, zoneOf, zonesOf } from "./place.ts";
import { timeZone } from "./time-zone.ts";

const now = Date.parse("2026-11-27T12:00:00Z");

test.each([
  [{ country: "AT" }, "Europe/Vienna"],
  [{ country: "CH", address: "Bahnhofstrasse 1, 8001 Zürich" }, "Europe/Zurich"],
  // Büsingen keeps Berlin's time, and all of Argentina Buenos Aires'.
  [{ country: "DE", address: "Lindenhof 4, 28219 Bremen" }, "Europe/Berlin"],
  [{ country: "AR" }, "America/Buenos_Aires"],
  [{ country: "US", address: "1144 15th St, Denver, CO 80202" }, "America/Denver"],
  [{ country: "US", address: "350 5th Ave, New York, NY" }, "America/New_York"],
  [{ country: "US", address: "1 Main St, Springfield" }, undefined],
  [{ country: "US", address: "Chicagoland Drive 3" }, undefined],
  [{ country: "ES", address: "Calle Mayor 2, Madrid" }, "Europe/Madrid"],
  [{ country: "ES", address: "Las Palmas" }, undefined],
  [{ address: "Vienna" }, undefined],
])("%j keeps the time of %s", (place, zone) => {
  expect(zoneOf(place, now)).toBe(zone);
});

it("knows every country with its zones, each of which there is, and none twice by another code", () => {
  const all = countries();
  expect(all.length).toBeGreaterThan(230);
  expect(all).toEqual(expect.arrayContaining(["AT", "GB", "NL", "US"]));
  for (const gone of ["SU", "ZR", "XX"]) expect(all).not.toContain(gone);
  for (const code of all) for (const zone of zonesOf(code)) expect(timeZone.safeParse(zone).success, zone).toBe(true);
  expect(country.safeParse("XX").success).toBe(false);
});

const vienna = { country: "AT", address: "Hafenkai 12, Wien", timeZone: "Europe/Vienna" };
test.each([
  ["follows it to another country", vienna, { country: "NL", address: "Damrak 1" }, "Europe/Amsterdam"],
  ["stays where only the street changes", vienna, { country: "AT", address: "Lindenhof 4" }, "Europe/Vienna"],
  ["is what somebody names", vienna, { country: "AT", timeZone: "UTC" }, "UTC"],
  ["stays as somebody named it", { ...vienna, timeZone: "UTC" }, { country: "AT", address: "Lindenhof 4" }, "UTC"],
  [
    "follows again once it is in another country",
    { ...vienna, timeZone: "UTC" },
    { country: "NL" },
    "Europe/Amsterdam",
  ],
  ["is set by the first country", { timeZone: "UTC" }, { country: "AT" }, "Europe/Vienna"],
  ["stays where no country is given", { timeZone: "Europe/Berlin" }, { address: "Bremen" }, "Europe/Berlin"],
  ["has to be said where the country has several", vienna, { country: "US", address: "Springfield" }, undefined],
  ["stays where it is one of several", { timeZone: "America/Denver" }, { country: "US" }, "America/Denver"],
])("a site's time zone %s", (_what, before, after, zone) => {
  expect(zoneAfter(before, after, now)).toBe(zone);
});
