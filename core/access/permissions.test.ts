import { describe, expect, it } from "vitest";
import { role } from "../messages/portal-api.ts";
import { may, mayGive, reaches, reachesEverywhere, seesOthersCalls } from "./permissions.ts";

const who = (allowed: (one: (typeof role.options)[number]) => boolean) => role.options.filter(allowed);

it("lets everyone see, who lives or works there talk and open, and who sets up try it", () => {
  const talks = ["owner", "administrator", "operator", "resident"];
  for (const action of ["see-doors", "see-history"] as const)
    expect(who((one) => may(one, action))).toEqual(role.options);
  for (const action of ["answer-call", "open-door"] as const) expect(who((one) => may(one, action))).toEqual(talks);
  expect(who((one) => may(one, "place-call"))).toEqual(role.options.filter((one) => one !== "viewer"));
  expect(who((one) => may(one, "try-virtual-station"))).toEqual(["owner", "administrator", "installer"]);
});

it("lets those who look after devices claim and set them up, and owner and administrator alone take them away", () => {
  expect(who((one) => may(one, "claim-device"))).toEqual(["owner", "administrator", "installer", "resident"]);
  expect(who((one) => may(one, "configure-device"))).toEqual(["owner", "administrator", "installer"]);
  expect(who((one) => may(one, "manage-firmware"))).toEqual(["owner", "administrator", "installer"]);
  expect(who((one) => may(one, "see-logs"))).toEqual(["owner", "administrator", "installer"]);
  for (const action of ["revoke-device", "transfer-device", "receive-device"] as const) {
    expect(
      who((one) => may(one, action)),
      action,
    ).toEqual(["owner", "administrator"]);
  }
  expect(who((one) => may(one, "see-devices"))).toEqual(["owner", "administrator", "operator", "installer"]);
});

it("lets owner and administrator look after people, and the owner alone give the organisation away", () => {
  for (const action of [
    "see-people",
    "invite-people",
    "change-people",
    "change-teams",
    "share-access",
    "see-audit",
  ] as const) {
    expect(
      who((one) => may(one, action)),
      action,
    ).toEqual(["owner", "administrator"]);
  }
  expect(who((one) => may(one, "transfer-organisation"))).toEqual(["owner"]);
});

describe("a door", () => {
  it("is reached by who runs the house, and by others if it is shared with them", () => {
    expect(who(reachesEverywhere)).toEqual(["owner", "administrator", "installer"]);
    expect(who((one) => reaches(one, true))).toEqual(role.options);
    expect(who((one) => reaches(one, false))).toEqual(who(reachesEverywhere));
  });

  it("shows an installer no calls of others", () => {
    expect(who(seesOthersCalls)).toEqual(role.options.filter((one) => one !== "installer"));
  });
});

it("lets nobody give, or take away, more than they have", () => {
  for (const one of role.options) {
    expect(who((own) => mayGive(own, one))).toEqual(one === "owner" ? ["owner"] : ["owner", "administrator"]);
  }
});
