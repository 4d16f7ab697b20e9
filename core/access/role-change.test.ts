import { expect, it } from "vitest";
import { roleChange } from "./role-change.ts";

it("tells who becomes an operator that they keep to the doors that are shared with them, and may answer", () => {
  expect(roleChange("installer", "operator")).toEqual({
    gains: ["answer-call", "open-door"],
    loses: ["reach-every-door", "claim-device", "configure-device", "manage-firmware"],
  });
});

it("takes everything from who is removed, and nothing from who stays what they are", () => {
  expect(roleChange("resident", undefined).loses).toEqual(["answer-call", "open-door", "place-call", "claim-device"]);
  expect(roleChange("owner", "owner")).toEqual({ gains: [], loses: [] });
  expect(roleChange("viewer", undefined).loses).toEqual([]);
});
