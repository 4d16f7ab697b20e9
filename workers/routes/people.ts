/** Who belongs to an organisation, and what is shared with whom. */
import { z } from "@hono/zod-openapi";
import {
  auditList,
  auditPeople,
  invitationBody,
  offer,
  organisationBody,
  organisationList,
  peopleList,
  roleBody,
  shareBody,
  withToken,
} from "#core/messages/people.ts";
import { organisationId, userId } from "#core/messages/values.ts";
import { openRoute, personRoute, type Route, route } from "../http/route.ts";
import { answerAudit, answerAuditPeople, auditQuery } from "../people/audit.ts";
import {
  answerAccepting,
  answerDeclining,
  answerInviting,
  answerOffer,
  answerTakingBack,
} from "../people/invitations.ts";
import { answerEntering, answerFounding, answerOrganisations } from "../people/organisations.ts";
import { answerLeaving, answerPeople, answerRemoval, answerRole } from "../people/people.ts";
import { answerEndingShare, answerSharing } from "../people/shares.ts";

const ofPerson = z.object({ userId });
const ofOrganisation = z.object({ organisationId });
const ofShare = z.object({ shareId: z.uuid() });
const ofInvitation = z.object({ invitationId: z.uuid() });

export const peopleRoutes: Route[] = [
  route(
    "get",
    "/api/organisations",
    "signed-in",
    { summary: "Where one belongs", answer: organisationList },
    ({ env, identity }) => answerOrganisations(env, identity),
  ),
  personRoute(
    "post",
    "/api/organisations",
    { summary: "Found an organisation, for who belongs to none", takes: organisationBody },
    ({ env, person, body, now }) => answerFounding(env, person, body, now),
  ),
  route(
    "post",
    "/api/organisations/{organisationId}/enter",
    "signed-in",
    { summary: "Work in another organisation where one belongs", params: ofOrganisation },
    ({ env, identity, params }) => answerEntering(env, identity, params.organisationId),
  ),
  route(
    "post",
    "/api/leave",
    "signed-in",
    { summary: "Leave the organisation one works in" },
    ({ env, db, identity, now }) => answerLeaving(env, db, identity, now),
  ),
  route(
    "get",
    "/api/people",
    "see-people",
    { summary: "The people, what is shared with them, and the open invitations", answer: peopleList },
    ({ env, db, identity, now }) => answerPeople(env, db, identity, now),
  ),
  route(
    "put",
    "/api/people/{userId}/role",
    "change-people",
    { summary: "Give a member another role", params: ofPerson, takes: roleBody },
    ({ env, db, identity, params, body, now }) => answerRole(env, db, identity, params.userId, body.role, now),
  ),
  route(
    "delete",
    "/api/people/{userId}",
    "change-people",
    { summary: "Remove a member", params: ofPerson },
    ({ env, db, identity, params, now }) => answerRemoval(env, db, identity, params.userId, now),
  ),
  route(
    "post",
    "/api/people/{userId}/shares",
    "share-access",
    { summary: "Share a door, or every door of a site, with a member", params: ofPerson, takes: shareBody },
    ({ env, db, identity, params, body, now }) => answerSharing(env, db, identity, params, body, now),
  ),
  route(
    "delete",
    "/api/shares/{shareId}",
    "share-access",
    { summary: "Take a share back", params: ofShare },
    ({ env, db, identity, params, now }) => answerEndingShare(env, db, identity, params.shareId, now),
  ),
  route(
    "post",
    "/api/invitations",
    "invite-people",
    { summary: "Invite somebody by mail; an earlier invitation of theirs holds no more", takes: invitationBody },
    ({ env, db, identity, body, now }) => answerInviting(env, db, identity, body, now),
  ),
  route(
    "delete",
    "/api/invitations/{invitationId}",
    "invite-people",
    { summary: "Take an invitation back", params: ofInvitation },
    ({ db, identity, params, now }) => answerTakingBack(db, identity, params.invitationId, now),
  ),
  openRoute(
    "post",
    "/api/invitation",
    "bearer",
    { summary: "What an invitation holds out, by the token in its mail", takes: withToken, answer: offer },
    ({ env, request, body, now }) => answerOffer(env, request, body.token, now),
  ),
  personRoute(
    "post",
    "/api/invitation/accept",
    { summary: "Come in, as the person it was sent to; the session works there from now on", takes: withToken },
    ({ env, person, body, now }) => answerAccepting(env, person, body.token, now),
  ),
  personRoute(
    "post",
    "/api/invitation/decline",
    { summary: "Turn an invitation down, as the person it was sent to", takes: withToken },
    ({ env, person, body, now }) => answerDeclining(env, person, body.token, now),
  ),
  route(
    "get",
    "/api/audit",
    "see-audit",
    { summary: "Who changed and opened what, newest first, 50 a page", query: auditQuery, answer: auditList },
    ({ db, query }) => answerAudit(db, query),
  ),
  route(
    "get",
    "/api/audit/people",
    "see-audit",
    { summary: "Everybody whom the audit names as who did something", answer: auditPeople },
    ({ db }) => answerAuditPeople(db),
  ),
];
