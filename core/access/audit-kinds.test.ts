import { expect, it } from "vitest";
import { actionsOf, auditKinds } from "./audit-kinds.ts";

it("has every action in one kind", () => {
  const named = auditKinds.flatMap((kind) => {
    const which = actionsOf(kind);
    return "these" in which ? which.these : [];
  });
  expect(new Set(named).size).toBe(named.length);
  expect(actionsOf("devices")).toEqual({ allBut: named });
});
