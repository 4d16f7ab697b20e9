/** What the portal asks the edge about people: the bodies of `/api/people`, `/api/teams`, `/api/invitations`, `/api/shares` and `/api/audit`. */
import { z } from "zod";
import { auditKinds } from "../access/audit-kinds.ts";
import { siteId } from "./device-api.ts";
import { role } from "./portal-api.ts";
import {
  callId,
  deviceId,
  doorCommandReason,
  doorCommandState,
  label,
  moment,
  organisationId,
  teamId,
  userId,
} from "./values.ts";

const shareId = z.uuid();

/** A door, or every door of a site, that somebody gets to. */
export const share = z.object({
  shareId,
  deviceId: deviceId.optional(),
  siteId: siteId.optional(),
  /** Of the door or the site. */
  name: label,
  /** Absent: until it is taken back. */
  endsAt: moment.optional(),
});

export const person = z.object({
  userId,
  name: label,
  email: z.string(),
  role,
  since: moment,
  /** Whether the portal is open in a browser of theirs, for this organisation. */
  here: z.boolean(),
  /** When they last signed in to work here. Absent: no session of theirs for this organisation lasts. */
  signedInAt: moment.optional(),
  /** Whether whoever asks may change their role or remove them. */
  mayChange: z.boolean(),
  /** They may answer, and no button of any device rings them. */
  unrung: z.boolean().default(false),
  shares: z.array(share),
});
export type Person = z.infer<typeof person>;
export type Share = z.infer<typeof share>;

export const invitation = z.object({
  invitationId: z.uuid(),
  email: z.string(),
  role,
  invitedBy: label,
  createdAt: moment,
  expiresAt: moment,
});
export type Invitation = z.infer<typeof invitation>;

/** GET /api/people */
export const peopleList = z.object({
  people: z.array(person),
  invitations: z.array(invitation),
  /** The roles that whoever asks may give. */
  mayGive: z.array(role),
});
export type PeopleList = z.infer<typeof peopleList>;

/** POST /api/invitations */
export const invitationBody = z.object({ email: z.email().max(254), role });
export type InvitationBody = z.infer<typeof invitationBody>;
/** POST /api/invitation, …/accept and …/decline: what the link in the mail carries. In no address that goes over a line. */
export const withToken = z.object({ token: z.string().min(20).max(100) });
/** How an invitation ends. Its link is then answered by 410 and the code `invitation-<how>`. */
export const invitationEnds = ["accepted", "declined", "withdrawn", "replaced", "expired"] as const;
export type InvitationEnd = (typeof invitationEnds)[number];
/** The answer to POST /api/invitation */
export const offer = z.object({
  organisation: label,
  email: z.string(),
  role,
  invitedBy: label,
  expiresAt: moment,
  /** Who is signed in there, and whether it was sent to them. */
  reader: z.object({ name: label, email: z.string(), invited: z.boolean() }).optional(),
});
export type Offer = z.infer<typeof offer>;

/** PUT /api/people/{userId}/role */
export const roleBody = z.object({ role });

/** POST /api/people/{userId}/shares and /api/teams/{teamId}/shares: a door or a site, the end in milliseconds. */
export const shareBody = z.union([
  z.strictObject({ deviceId, endsAt: moment.optional() }),
  z.strictObject({ siteId, endsAt: moment.optional() }),
]);
export type ShareBody = z.infer<typeof shareBody>;

const team = z.object({ teamId, name: label, members: z.array(userId), shares: z.array(share) });
export type Team = z.infer<typeof team>;
/** GET /api/teams */
export const teamList = z.object({ teams: z.array(team) });
/** POST /api/teams, PATCH /api/teams/{teamId} */
export const teamBody = z.object({ name: label });
/** The answer to POST /api/teams */
export const teamMade = z.object({ teamId });

/** GET /api/organisations: where the person belongs. */
export const organisationList = z.object({
  organisations: z.array(z.object({ organisationId, name: label, role, current: z.boolean() })),
});

/** POST /api/organisations */
export const organisationBody = z.strictObject({ name: label.trim().min(1) });

/** What of the audit is asked for: by whom, of which kind, and when. All that is named holds. */
export const auditFilter = z
  .object({
    by: userId,
    kind: z.enum(auditKinds),
    /** From then on, and before then. Milliseconds. */
    from: z.coerce.number().pipe(moment),
    until: z.coerce.number().pipe(moment),
  })
  .partial();
export type AuditFilter = z.infer<typeof auditFilter>;

const author = z.object({ userId, name: label });
/** GET /api/audit/people: everybody whom the audit names as who did something, as they were last called there. */
export const auditPeople = z.object({ people: z.array(author) });

/** GET /api/audit?cursor=&by=&kind=&from=&until=  newest first, 50 a page */
export const auditEntry = z.object({
  id: z.uuid(),
  at: moment,
  /** Who did it, as they were called then. Absent: the platform, or the device itself. */
  by: author.optional(),
  what: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("change"),
      /** What was done, as `change-role`. */
      action: z.string(),
      /** To what: the id of a person, an invitation, a device, a site, … */
      subject: z.string(),
      /** What the device or the site is called now, if it was done to one. */
      about: label.optional(),
      before: z.unknown().optional(),
      after: z.unknown().optional(),
    }),
    /** One step of a command to a door's output. */
    z.object({
      type: z.literal("open-door"),
      deviceId,
      door: label,
      callId: callId.optional(),
      state: doorCommandState,
      reason: doorCommandReason.optional(),
    }),
  ]),
});
export const auditList = z.object({ entries: z.array(auditEntry), next: z.string().optional() });
export type AuditEntry = z.infer<typeof auditEntry>;
