/** What a role brings, as a person is told of it before it is given or taken away. */
import type { Role } from "../messages/portal-api.ts";
import { type Action, may, reachesEverywhere } from "./permissions.ts";

/** Each stands for a right, and for those that go with it. */
export const abilities = [
  "reach-every-door",
  "answer-call",
  "open-door",
  "place-call",
  "see-devices",
  "claim-device",
  "configure-device",
  "manage-firmware",
  "revoke-device",
  "change-people",
  "see-audit",
  "transfer-organisation",
] as const satisfies readonly (Action | "reach-every-door")[];
export type Ability = (typeof abilities)[number];

const has = (role: Role, ability: Ability): boolean =>
  ability === "reach-every-door" ? reachesEverywhere(role) : may(role, ability);

/** What somebody gains and loses with another role. @param to undefined: they belong no more */
export function roleChange(from: Role, to: Role | undefined): { gains: Ability[]; loses: Ability[] } {
  const [old, next] = [from, to].map((role) => abilities.filter((ability) => role && has(role, ability)));
  return {
    gains: next?.filter((ability) => !old?.includes(ability)) ?? [],
    loses: old?.filter((ability) => !next?.includes(ability)) ?? [],
  };
}
