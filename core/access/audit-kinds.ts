/** The kinds of what the audit keeps, by which a person finds something in it. */

/** What each kind is called in the audit. Whatever is named in none was done to a device. */
const actions = {
  doors: ["open-door"],
  people: [
    ...["change-role", "remove-person", "leave", "invite-person", "take-back-invitation", "decline-invitation", "join"],
    "found-organisation",
    ...["offer-ownership", "end-ownership-offer", "take-ownership"],
    ...["make-team", "rename-team", "end-team", "join-team", "leave-team"],
  ],
  access: ["share-door", "share-site", "end-share"],
  firmware: [
    ...[
      "begin-rollout",
      "pause-rollout",
      "resume-rollout",
      "approve-rollout",
      "stop-rollout",
      "move-rollout",
      "go-back",
    ],
    "change-firmware-policy",
  ],
  sites: ["make-site", "change-site"],
} as const;

export const auditKinds = ["doors", "people", "access", "devices", "firmware", "sites"] as const;
export type AuditKind = (typeof auditKinds)[number];

/** Which actions are of a kind: these, or all but these. */
export function actionsOf(kind: AuditKind): { these: readonly string[] } | { allBut: readonly string[] } {
  return kind === "devices" ? { allBut: Object.values(actions).flat() } : { these: actions[kind] };
}
