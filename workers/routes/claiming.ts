/** Devices on their way to an owner: claims, EST (RFC 7030), what a device and its maker say. */
import { z } from "@hono/zod-openapi";
import {
  claimId,
  claimProgress,
  claimRequest,
  factoryAnswer,
  factoryDelivery,
  released,
} from "#core/messages/claiming.ts";
import { up } from "#core/messages/device.ts";
import { deviceId } from "#core/messages/values.ts";
import { answerClaim, answerClaimProgress } from "../claiming/claims.ts";
import { answerCsrAttributes } from "../claiming/csr-attributes.ts";
import { answerConfiguration, answerPresence, answerReported } from "../claiming/device.ts";
import { answerCaCerts, answerEnrol, answerReEnrol } from "../claiming/est.ts";
import { answerDelivery } from "../claiming/maker.ts";
import { answerAllow, answerRelease, answerRevoke } from "../claiming/revoke.ts";
import { openRoute, type Route, route } from "../http/route.ts";

const ofDevice = z.object({ deviceId });

export const claimingRoutes: Route[] = [
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
    "/api/devices/{deviceId}/allow",
    "revoke-device",
    { summary: "Let a revoked device enrol again", params: ofDevice },
    ({ params, identity, db, now }) => answerAllow(db, identity, params.deviceId, now),
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
    "post",
    "/maker/identities",
    "certificate",
    { summary: "A device that leaves its maker's factory", takes: factoryDelivery, answer: factoryAnswer },
    ({ env, request, body, now }) => answerDelivery(env, request, body, now),
  ),
];
