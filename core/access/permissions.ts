/** The one table of who may do what, and where. Whatever is not named here is forbidden. */
import type { Role } from "../messages/portal-api.ts";

export type Action =
  | "see-doors"
  | "see-history"
  | "answer-call"
  | "place-call"
  | "open-door"
  | "try-virtual-station"
  | "see-devices"
  | "claim-device"
  | "configure-device"
  | "manage-firmware"
  | "see-logs"
  | "revoke-device"
  | "transfer-device"
  | "receive-device"
  | "see-people"
  | "invite-people"
  | "change-people"
  | "change-teams"
  | "share-access"
  | "see-audit"
  | "transfer-organisation";

const everyone: readonly Role[] = ["owner", "administrator", "operator", "installer", "resident", "viewer"];
const whoTalks: readonly Role[] = ["owner", "administrator", "operator", "resident"];
const whoRuns: readonly Role[] = ["owner", "administrator"];

const permissions: Record<Action, ReadonlySet<Role>> = {
  "see-doors": new Set(everyone),
  "see-history": new Set(everyone),
  "answer-call": new Set(whoTalks),
  "place-call": new Set<Role>([...whoTalks, "installer"]),
  "open-door": new Set(whoTalks),
  "try-virtual-station": new Set<Role>(["owner", "administrator", "installer"]),
  "see-devices": new Set<Role>(["owner", "administrator", "operator", "installer"]),
  "claim-device": new Set<Role>(["owner", "administrator", "installer", "resident"]),
  "configure-device": new Set<Role>(["owner", "administrator", "installer"]),
  "manage-firmware": new Set<Role>(["owner", "administrator", "installer"]),
  "see-logs": new Set<Role>(["owner", "administrator", "installer"]),
  "revoke-device": new Set(whoRuns),
  "transfer-device": new Set(whoRuns),
  "receive-device": new Set(whoRuns),
  "see-people": new Set(whoRuns),
  "invite-people": new Set(whoRuns),
  "change-people": new Set(whoRuns),
  "change-teams": new Set(whoRuns),
  "share-access": new Set(whoRuns),
  "see-audit": new Set(whoRuns),
  "transfer-organisation": new Set<Role>(["owner"]),
};

export function may(role: Role, action: Action): boolean {
  return permissions[action].has(role);
}

/** These reach every door of their organisation; the others those that are shared with them, and no door else. */
const everywhere: ReadonlySet<Role> = new Set<Role>(["owner", "administrator", "installer"]);

/** Whether what a role may do, it may do at every door. */
export const reachesEverywhere = (role: Role): boolean => everywhere.has(role);

/** Whether somebody of this role reaches a door that is, or is not, shared with them. */
export const reaches = (role: Role, shared: boolean): boolean => shared || reachesEverywhere(role);

/** Whose calls somebody sees in the history of the doors they reach: an installer is there for the doors, not for the people. */
export const seesOthersCalls = (role: Role): boolean => role !== "installer";

/**
 * Whether somebody who is `own` may make another one `role`, or change or remove one who is `role` now. Nobody gives or
 * takes away more than they have.
 */
export const mayGive = (own: Role, role: Role): boolean =>
  may(own, "change-people") && (own === "owner" || role !== "owner");
