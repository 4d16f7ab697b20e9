/** The edge: every route on one page, with who may call it. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { imageName, metadataFile } from "#core/firmware/addresses.ts";
import { sha256 } from "#core/firmware/release.ts";
import { nodeName, presence, said } from "#core/messages/broker-link.ts";
import {
  certificateSerial,
  certificateStatus,
  claimId,
  claimProgress,
  claimRequest,
  factoryAnswer,
  factoryDelivery,
  released,
  revocations,
} from "#core/messages/claiming.ts";
import { up, upMessage } from "#core/messages/device.ts";
import {
  commandAsked,
  commandList,
  commandRequest,
  deviceChange,
  deviceDetail,
  deviceList,
  differenceDecision,
  siteChange,
  siteId,
  siteList,
  siteRow,
} from "#core/messages/device-api.ts";
import {
  auditList,
  invitationBody,
  offer,
  organisationList,
  peopleList,
  roleBody,
  shareBody,
  withToken,
} from "#core/messages/people.ts";
import { callDetail, callList, check, doorList, health, me, virtualStation } from "#core/messages/portal-api.ts";
import { callId, deviceId, organisationId, userId } from "#core/messages/values.ts";
import { reachOf } from "#db/queries/reach.ts";
import { renewTimestamp } from "../functions/firmware-timestamp.ts";
import { cleanUp } from "../functions/retention.ts";
import { currentList, signDueLists } from "../functions/revocation-lists.ts";
import {
  authenticate,
  passwordChangeBody,
  passwordForgottenBody,
  passwordResetBody,
  signInBody,
  signUpBody,
} from "./auth/endpoints.ts";
import { acceptClient, acceptMediaNode, readSnapshot, storeSnapshot } from "./calls/routes.ts";
import { answerClaim, answerClaimProgress } from "./claiming/claims.ts";
import { answerConfiguration, answerPresence, answerReported } from "./claiming/device.ts";
import { answerCaCerts, answerCsrAttributes, answerEnrol, answerReEnrol } from "./claiming/est.ts";
import { answerDelivery } from "./claiming/maker.ts";
import { answerRelease, answerRevoke } from "./claiming/revoke.ts";
import { answerRevocations, answerStatus, answerVirtualCertificate } from "./claiming/status.ts";
import { answerList, listFile } from "./crl/serve.ts";
import { acceptBroker, answerConnection, answerDeviceMessage } from "./devices/from-devices.ts";
import type { Env } from "./env.ts";
import { deliver } from "./firmware/deliver.ts";
import { deliverMetadata } from "./firmware/metadata.ts";
import { beginUpload, dropUpload, endUpload, storeFile, storePart, uploadedParts } from "./firmware/store.ts";
import { finish, unexpected } from "./http/finish.ts";
import { answerPortalFile } from "./http/portal-files.ts";
import { problem } from "./http/problem.ts";
import { openRoute, personRoute, type Route, route } from "./http/route.ts";
import { log } from "./log.ts";
import { answerMetrics } from "./metrics.ts";
import { answerAudit, auditQuery } from "./people/audit.ts";
import { answerAccepting, answerInviting, answerOffer, answerTakingBack } from "./people/invitations.ts";
import { answerEntering, answerOrganisations } from "./people/organisations.ts";
import { answerLeaving, answerPeople, answerRemoval, answerRole } from "./people/people.ts";
import { answerEndingShare, answerSharing } from "./people/shares.ts";
import {
  answerCommand,
  answerCommands,
  answerDevice,
  answerDeviceChange,
  answerDevices,
  answerDifference,
} from "./portal-api/devices.ts";
import { answerDoors } from "./portal-api/doors.ts";
import { answerHealth } from "./portal-api/health.ts";
import { answerCall, answerHistory, historyQuery } from "./portal-api/history.ts";
import { answerMe } from "./portal-api/me.ts";
import { answerNewSite, answerSiteChange, answerSites } from "./portal-api/sites.ts";
import { answerVirtualPress, answerVirtualStation } from "./portal-api/virtual-station.ts";

export { CallSession } from "./calls/call-session.ts";
export { MediaNodeLink } from "./calls/media-node-link.ts";
export { Switchboard } from "./calls/switchboard.ts";
export { DeviceLink } from "./devices/device-link.ts";

const ofCall = z.object({ callId });
const ofDevice = z.object({ deviceId });
const ofSite = z.object({ siteId });
const ofMetadata = z.object({ file: metadataFile });
const ofTarget = z.object({ model: z.string(), revision: z.string(), file: z.string() });
const ofImage = z.object({ image: sha256 });
const ofUpload = z.object({ image: sha256, upload: z.string().max(2048) });
const ofPart = ofUpload.extend({ part: z.coerce.number().int().min(1).max(1000) });
const ofPerson = z.object({ userId });
const ofOrganisation = z.object({ organisationId });
const ofShare = z.object({ shareId: z.uuid() });
const ofInvitation = z.object({ invitationId: z.uuid() });
const auth = ({ env, request }: { env: Env; request: Request }) => authenticate(env, request);

export const routes: Route[] = [
  openRoute("get", "/health", "public", { summary: "Whether the parts are well", answer: health }, ({ env }) =>
    answerHealth(env),
  ),
  openRoute(
    "get",
    "/metrics",
    "bearer",
    { summary: "Counts for a monitoring system, by the media nodes' token" },
    ({ env, request }) => answerMetrics(env, request),
  ),
  openRoute("get", "/api/openapi.json", "public", { summary: "This document" }, async () => Response.json(document())),

  openRoute(
    "post",
    "/api/auth/sign-up/email",
    "public",
    { summary: "Sign up; a mail confirms the address", sends: signUpBody },
    auth,
  ),
  openRoute("get", "/api/auth/verify-email", "public", { summary: "The link in the confirming mail" }, auth),
  openRoute("post", "/api/auth/send-verification-email", "public", { summary: "Send that mail again" }, auth),
  openRoute(
    "post",
    "/api/auth/sign-in/email",
    "public",
    { summary: "Sign in; sets the session's cookie", sends: signInBody },
    auth,
  ),
  openRoute("post", "/api/auth/sign-out", "public", { summary: "Sign out; the session's sockets close" }, auth),
  openRoute(
    "post",
    "/api/auth/request-password-reset",
    "public",
    { summary: "Ask for a new password by mail", sends: passwordForgottenBody },
    auth,
  ),
  openRoute("get", "/api/auth/reset-password/{token}", "public", { summary: "The link in that mail" }, auth),
  openRoute(
    "post",
    "/api/auth/reset-password",
    "public",
    { summary: "Choose a new password", sends: passwordResetBody },
    auth,
  ),

  route(
    "post",
    "/api/auth/change-password",
    "signed-in",
    { summary: "Change one's own password; every other session ends", sends: passwordChangeBody },
    auth,
  ),
  route("get", "/api/me", "signed-in", { summary: "Who is signed in", answer: me }, ({ env, request, identity }) =>
    answerMe(env, request, identity),
  ),
  route("get", "/api/doors", "see-doors", { summary: "The doors", answer: doorList }, ({ env, db, identity, now }) =>
    answerDoors(env, db, identity, now),
  ),
  route(
    "get",
    "/api/calls",
    "see-history",
    { summary: "The calls, newest first, 50 a page", query: historyQuery, answer: callList },
    ({ env, db, identity, query, now }) => answerHistory(env, db, identity, query, now),
  ),
  route(
    "get",
    "/api/calls/{callId}",
    "see-history",
    { summary: "One call with its time line", params: ofCall, answer: callDetail },
    ({ env, db, identity, params, now }) => answerCall(env, db, identity, params.callId, now),
  ),
  route(
    "get",
    "/api/devices",
    "see-devices",
    { summary: "The devices, and what of them wants a hand", answer: deviceList },
    ({ env, db, now }) => answerDevices(env, db, now),
  ),
  route(
    "get",
    "/api/devices/{deviceId}",
    "see-devices",
    { summary: "One device, with what it ought to be and what was changed", params: ofDevice, answer: deviceDetail },
    ({ env, db, params, now }) => answerDevice(env, db, params.deviceId, now),
  ),
  route(
    "patch",
    "/api/devices/{deviceId}",
    "configure-device",
    { summary: "Change what a device ought to be", params: ofDevice, takes: deviceChange, answer: deviceDetail },
    ({ env, db, params, body, identity, now }) => answerDeviceChange(env, db, params.deviceId, body, identity, now),
  ),
  route(
    "post",
    "/api/devices/{deviceId}/differences",
    "configure-device",
    {
      summary: "Keep or drop what was changed on the device itself",
      params: ofDevice,
      takes: differenceDecision,
      answer: deviceDetail,
    },
    ({ env, db, params, body, identity, now }) => answerDifference(env, db, params.deviceId, body, identity, now),
  ),
  route(
    "get",
    "/api/devices/{deviceId}/commands",
    "see-devices",
    { summary: "What the device was asked to do, and how that went", params: ofDevice, answer: commandList },
    ({ db, params }) => answerCommands(db, params.deviceId),
  ),
  route(
    "post",
    "/api/devices/{deviceId}/commands",
    "configure-device",
    { summary: "Ask the device to do something", params: ofDevice, takes: commandRequest, answer: commandAsked },
    ({ env, db, params, body, identity, now }) => answerCommand(env, db, params.deviceId, body, identity, now),
  ),
  route("get", "/api/sites", "see-devices", { summary: "The sites", answer: siteList }, ({ db }) => answerSites(db)),
  route(
    "post",
    "/api/sites",
    "configure-device",
    { summary: "A new site", takes: siteChange, answer: siteRow },
    ({ db, body, identity }) => answerNewSite(db, body, identity),
  ),
  route(
    "patch",
    "/api/sites/{siteId}",
    "configure-device",
    { summary: "Change a site", params: ofSite, takes: siteChange, answer: siteRow },
    ({ env, db, params, body, identity }) => answerSiteChange(env, db, params.siteId, body, identity),
  ),
  route(
    "post",
    "/api/virtual-station",
    "try-virtual-station",
    { summary: "The virtual station, made on first use", answer: virtualStation },
    ({ db }) => answerVirtualStation(db),
  ),
  route(
    "post",
    "/api/virtual-station/press",
    "try-virtual-station",
    { summary: "Press the virtual station's button" },
    ({ env, db }) => answerVirtualPress(env, db),
  ),
  route(
    "get",
    "/api/check",
    "signed-in",
    { summary: "What the check page needs to try UDP", answer: check },
    async ({ env }) => ({ iceServers: [{ urls: [env.STUN_URL] }] }),
  ),
  route(
    "get",
    "/api/live",
    "see-doors",
    { summary: "WebSocket: everything that happens, as it happens" },
    async ({ env, db, request, identity, now }) =>
      acceptClient(env, request, identity, { ...(await reachOf(db, { ...identity, now })), lookedUpAt: now }),
  ),

  route(
    "get",
    "/api/organisations",
    "signed-in",
    { summary: "Where one belongs", answer: organisationList },
    ({ env, identity }) => answerOrganisations(env, identity),
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
    ({ db, identity, now }) => answerPeople(db, identity, now),
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
    ({ env, db, identity, params, body, now }) => answerSharing(env, db, identity, params.userId, body, now),
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
    "get",
    "/api/invitation",
    "bearer",
    { summary: "What an invitation holds out, by the token in its mail", query: withToken, answer: offer },
    ({ env, query, now }) => answerOffer(env, query.token, now),
  ),
  personRoute(
    "post",
    "/api/invitation/accept",
    { summary: "Come in, as the person it was sent to; the session works there from now on", takes: withToken },
    ({ env, person, body, now }) => answerAccepting(env, person, body.token, now),
  ),
  route(
    "get",
    "/api/audit",
    "see-audit",
    { summary: "Who changed and opened what, newest first, 50 a page", query: auditQuery, answer: auditList },
    ({ db, query }) => answerAudit(db, query),
  ),

  route(
    "post",
    "/api/claims",
    "claim-device",
    { summary: "Claim a device by the code on it", takes: claimRequest, answer: claimProgress },
    ({ env, request, body, identity, db, now }) => answerClaim(env, request, body, identity, db, now),
  ),
  route(
    "get",
    "/api/claims/{claimId}",
    "claim-device",
    { summary: "How far a claim is", params: z.object({ claimId }), answer: claimProgress },
    ({ env, params, db, now }) => answerClaimProgress(env, db, params.claimId, now),
  ),
  route(
    "post",
    "/api/devices/{deviceId}/revoke",
    "revoke-device",
    { summary: "Let a device in nowhere any more; its connections end", params: ofDevice },
    ({ env, params, identity, db, now }) => answerRevoke(env, db, identity, params.deviceId, now),
  ),
  route(
    "post",
    "/api/devices/{deviceId}/release",
    "revoke-device",
    { summary: "Give a device up; its fresh claim code is shown this once", params: ofDevice, answer: released },
    ({ env, params, identity, db, now }) => answerRelease(env, db, identity, params.deviceId, now),
  ),

  openRoute("get", "/.well-known/est/cacerts", "public", { summary: "EST: our authorities" }, ({ env }) =>
    answerCaCerts(env),
  ),
  openRoute("get", "/.well-known/est/csrattrs", "public", { summary: "EST: which keys we certify" }, () =>
    answerCsrAttributes(),
  ),
  openRoute(
    "post",
    "/.well-known/est/simpleenroll",
    "certificate",
    { summary: "EST: a device's certificate, by its factory certificate" },
    ({ env, request, now }) => answerEnrol(env, request, now),
  ),
  openRoute(
    "post",
    "/.well-known/est/simplereenroll",
    "certificate",
    { summary: "EST: a device's next certificate, by the one it has" },
    ({ env, request, now }) => answerReEnrol(env, request, now),
  ),
  openRoute(
    "post",
    "/device/presence",
    "certificate",
    { summary: "Somebody pressed at this unclaimed device" },
    ({ env, request, now }) => answerPresence(env, request, now),
  ),
  openRoute(
    "get",
    "/device/configuration",
    "certificate",
    { summary: "What the device is to be; 204 where it is that already" },
    ({ env, request, now }) => answerConfiguration(env, request, now),
  ),
  openRoute(
    "post",
    "/device/reported",
    "certificate",
    { summary: "What the device is now", takes: up.reported },
    ({ env, request, body, now }) => answerReported(env, request, body, now),
  ),
  openRoute(
    "get",
    "/crl/{list}",
    "public",
    { summary: "A part of the revocation list", params: z.object({ list: listFile }) },
    async ({ env, params, now }) => answerList(await currentList(env, params.list, now)),
  ),
  openRoute(
    "post",
    "/maker/identities",
    "certificate",
    { summary: "A device that leaves its maker's factory", takes: factoryDelivery, answer: factoryAnswer },
    ({ env, request, body, now }) => answerDelivery(env, request, body, now),
  ),

  openRoute(
    "get",
    "/api/snapshots/{callId}",
    "bearer",
    { summary: "A caller's picture, by a signed and expiring address", params: ofCall },
    ({ env, request, now }) => readSnapshot(env, request, now),
  ),
  openRoute(
    "get",
    "/media-node/link",
    "bearer",
    { summary: "WebSocket of a media node, by its token" },
    ({ env, request }) => acceptMediaNode(env, request),
  ),
  openRoute(
    "get",
    "/media-node/devices",
    "bearer",
    { summary: "WebSocket of a media node's broker: what is said to devices", query: z.object({ node: nodeName }) },
    ({ env, request, query }) => acceptBroker(env, request, query.node),
  ),
  openRoute(
    "post",
    "/media-node/devices/{deviceId}/presence",
    "bearer",
    { summary: "A device came to the broker or went", params: ofDevice, takes: presence },
    ({ env, request, params, body, now }) => answerConnection(env, request, params.deviceId, body, now),
  ),
  openRoute(
    "post",
    "/media-node/devices/{deviceId}/messages",
    "bearer",
    { summary: "What a device says; answered once it is stored", params: ofDevice, takes: upMessage, answer: said },
    ({ env, request, params, body, now }) => answerDeviceMessage(env, request, params.deviceId, body, now),
  ),
  openRoute(
    "put",
    "/media-node/snapshots/{callId}",
    "bearer",
    { summary: "Store a caller's picture, by the call's own token", params: ofCall },
    ({ env, request, params }) => storeSnapshot(env, params.callId, request),
  ),
  openRoute(
    "post",
    "/media-node/certificates/{serial}",
    "bearer",
    {
      summary: "Whether who shows this certificate may come in; at its first use older ones die",
      params: z.object({ serial: certificateSerial }),
      answer: certificateStatus,
    },
    ({ env, request, params, now }) => answerStatus(env, request, params.serial, now),
  ),
  openRoute(
    "get",
    "/media-node/revocations",
    "bearer",
    {
      summary: "Certificates that were revoked since a moment (milliseconds)",
      query: z.object({ since: z.coerce.number().int().nonnegative() }),
      answer: revocations,
    },
    ({ env, request, query, now }) => answerRevocations(env, request, query.since, now),
  ),
  openRoute(
    "post",
    "/media-node/virtual-stations/{deviceId}/certificate",
    "bearer",
    { summary: "A certificate for the virtual station that this node runs", params: ofDevice },
    ({ env, request, params, now }) => answerVirtualCertificate(env, request, params.deviceId, now),
  ),

  openRoute(
    "get",
    "/firmware/metadata/{file}",
    "certificate",
    { summary: "TUF metadata of the published releases", params: ofMetadata },
    ({ env, request, params, now }) => deliverMetadata(env, params.file, request, now),
  ),
  openRoute(
    "get",
    "/firmware/targets/{model}/{revision}/{file}",
    "public",
    { summary: "A release's packet manifest, by its hash", params: ofTarget },
    ({ env, request, params }) => deliver(env, nameOfTarget(params), request),
  ),
  openRoute(
    "get",
    "/firmware/images/{image}",
    "public",
    { summary: "An image or a range of it, by its hash", params: ofImage },
    ({ env, request, params }) => deliver(env, imageName(params.image), request),
  ),
  openRoute(
    "put",
    "/firmware/metadata/{file}",
    "bearer",
    { summary: "Publish TUF metadata", params: ofMetadata },
    ({ env, request, params }) => storeFile(env, `metadata/${params.file}`, request),
  ),
  openRoute(
    "put",
    "/firmware/targets/{model}/{revision}/{file}",
    "bearer",
    { summary: "Publish a packet manifest", params: ofTarget },
    ({ env, request, params }) => storeFile(env, nameOfTarget(params), request),
  ),
  openRoute(
    "post",
    "/firmware/images/{image}/uploads",
    "bearer",
    { summary: "Begin to publish an image in parts", params: ofImage },
    ({ env, request, params }) => beginUpload(env, params.image, request),
  ),
  openRoute(
    "put",
    "/firmware/images/{image}/uploads/{upload}/{part}",
    "bearer",
    { summary: "A part of an image, of 8 MiB but for the last", params: ofPart },
    ({ env, request, params }) => storePart(env, params.image, params.upload, params.part, request),
  ),
  openRoute(
    "post",
    "/firmware/images/{image}/uploads/{upload}",
    "bearer",
    { summary: "The image is whole", params: ofUpload, takes: uploadedParts },
    ({ env, request, params, body }) => endUpload(env, params.image, params.upload, body, request),
  ),
  openRoute(
    "delete",
    "/firmware/images/{image}/uploads/{upload}",
    "bearer",
    { summary: "The image will not be published", params: ofUpload },
    ({ env, request, params }) => dropUpload(env, params.image, params.upload, request),
  ),
];

const nameOfTarget = ({ model, revision, file }: z.infer<typeof ofTarget>) => `targets/${model}/${revision}/${file}`;

const app = new OpenAPIHono<{ Bindings: Env }>();
app.use(finish);
for (const one of routes) one.mount(app);
app.openAPIRegistry.registerComponent("securitySchemes", "session", {
  type: "apiKey",
  in: "cookie",
  name: "symphony.session_token",
});

const document = () =>
  app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Symphony Cloud", version: "1", description: "The API that the portal uses." },
  });

/** An address that is there but does not know the method: 405 names those it knows. */
for (const path of new Set(routes.map((one) => one.path))) {
  const methods = routes.filter((one) => one.path === path).map((one) => one.method.toUpperCase());
  app.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), () =>
    problem(405, "method-not-allowed", `Here one may ${methods.join(" or ")}.`, { allow: methods.join(", ") }),
  );
}
const nothing = () => problem(404, "not-found", "There is nothing at this address.");
for (const below of ["/api/*", "/media-node/*", "/firmware/*", "/health/*"]) app.all(below, nothing);
app.get("*", ({ env, req }) => answerPortalFile(env, req.raw));
app.onError(unexpected);
app.notFound(nothing);

async function renewLists(env: Env): Promise<void> {
  const { signed, late } = await signDueLists(env, Date.now());
  if (late > 0)
    log("alarm", { sentence: `${late} of ${signed} revocation lists were past three quarters of their life.` });
}

export default {
  fetch: app.fetch,
  scheduled: (_event, env, context) => {
    context.waitUntil(cleanUp(env, Date.now()));
    context.waitUntil(renewLists(env));
    context.waitUntil(renewTimestamp(env, Date.now(), (sentence) => log("alarm", { sentence })));
  },
} satisfies ExportedHandler<Env>;
