/** The one table of who may do what. Whatever is not named here is forbidden. */
import type { Role } from "../messages/portal-api.ts";

export type Action =
  | "see-doors"
  | "see-history"
  | "answer-call"
  | "place-call"
  | "open-door"
  | "try-virtual-station"
  | "see-devices"
  | "configure-device";

const everyone: readonly Role[] = ["owner", "administrator", "operator", "installer", "resident", "viewer"];
const whoTalks: readonly Role[] = ["owner", "administrator", "operator", "resident"];

const permissions: Record<Action, ReadonlySet<Role>> = {
  "see-doors": new Set(everyone),
  "see-history": new Set(everyone),
  "answer-call": new Set(whoTalks),
  "place-call": new Set(whoTalks),
  "open-door": new Set(whoTalks),
  "try-virtual-station": new Set<Role>(["owner", "administrator", "operator", "installer"]),
  "see-devices": new Set<Role>(["owner", "administrator", "operator", "installer"]),
  "configure-device": new Set<Role>(["owner", "administrator", "installer"]),
};

export function may(role: Role, action: Action): boolean {
  return permissions[action].has(role);
}
