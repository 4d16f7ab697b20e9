import { describe, expect, it } from "vitest";
import type { Role } from "../messages/portal-api.ts";
import { clientId, legId, userId } from "../messages/values.ts";
import { planCall } from "./plan.ts";

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const rules = () => {
  let n = 0;
  return { mayAnswer: (role: Role) => role !== "viewer", newLegId: () => legId.parse(uuid(++n)) };
};
const member = (name: string, role: Role = "operator") => ({ userId: userId.parse(name), name, role });
const client = (n: number, user: string, available = true) => ({
  clientId: clientId.parse(uuid(1000 + n)),
  userId: userId.parse(user),
  available,
});
const fates = (legs: { name: string; fate: string }[]) => legs.map((leg) => `${leg.name} ${leg.fate}`);

describe("who rings", () => {
  it("rings every available client of every member who may answer", () => {
    const legs = planCall(
      [member("mara"), member("jonas")],
      [client(1, "mara"), client(2, "mara"), client(3, "jonas")],
      rules(),
    );
    expect(fates(legs)).toEqual(["mara told", "jonas told", "mara told"]);
  });
  it("says who was offline, also when connected but not available", () => {
    const legs = planCall([member("mara"), member("jonas")], [client(1, "mara", false)], rules());
    expect(fates(legs)).toEqual(["mara offline", "jonas offline"]);
    expect(legs.every((leg) => leg.clientId === undefined)).toBe(true);
  });
  it("names a connected member who may not answer, and never rings them", () => {
    const legs = planCall([member("vera", "viewer"), member("vic", "viewer")], [client(1, "vera")], rules());
    expect(fates(legs)).toEqual(["vera not-allowed"]);
  });
  it("never rings a client of somebody who is no member", () => {
    expect(fates(planCall([member("mara")], [client(1, "stranger")], rules()))).toEqual(["mara offline"]);
  });
  it("rings at most 32, and everybody's first client before anybody's second", () => {
    const members = Array.from({ length: 31 }, (_, n) => member(`m${n}`));
    const clients = members.flatMap((m, n) => [client(2 * n, m.name), client(2 * n + 1, m.name)]);
    const told = planCall(members, clients, rules()).filter((leg) => leg.fate === "told");
    expect(told).toHaveLength(32);
    expect(new Set(told.map((leg) => leg.name)).size).toBe(31);
  });
});
