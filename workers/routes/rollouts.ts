/** What the portal asks for about firmware: what runs where, the policies, and rollouts. */
import { z } from "@hono/zod-openapi";
import { siteId } from "#core/messages/device-api.ts";
import {
  deviceFirmware,
  devicePolicy,
  firmwareOverview,
  newRollout,
  organisationPolicy,
  rolloutDecision,
  rolloutDetail,
  rolloutId,
  sitePolicy,
} from "#core/messages/firmware-api.ts";
import { deviceId } from "#core/messages/values.ts";
import { answerFirmware, answerRollout } from "../firmware/overview.ts";
import {
  answerDeviceFirmware,
  answerDevicePolicy,
  answerOrganisationPolicy,
  answerSitePolicy,
} from "../firmware/policies.ts";
import { answerDecision, answerNewRollout } from "../firmware/rollouts.ts";
import { type Route, route } from "../http/route.ts";

const ofDevice = z.object({ deviceId });
const ofSite = z.object({ siteId });
const ofRollout = z.object({ rolloutId });

export const rolloutRoutes: Route[] = [
  route(
    "get",
    "/api/firmware",
    "see-devices",
    { summary: "Releases, what runs where, rollouts and policies", answer: firmwareOverview },
    ({ env, db, now }) => answerFirmware(env, db, now),
  ),
  route(
    "patch",
    "/api/firmware",
    "manage-firmware",
    { summary: "The organisation's policy", takes: organisationPolicy, answer: firmwareOverview },
    ({ env, db, body, identity, now }) => answerOrganisationPolicy(env, db, body, identity, now),
  ),
  route(
    "patch",
    "/api/firmware/sites/{siteId}",
    "manage-firmware",
    { summary: "A site's policy", params: ofSite, takes: sitePolicy, answer: firmwareOverview },
    ({ env, db, params, body, identity, now }) => answerSitePolicy(env, db, params.siteId, body, identity, now),
  ),
  route(
    "get",
    "/api/firmware/devices/{deviceId}",
    "see-devices",
    { summary: "A device's policy", params: ofDevice, answer: deviceFirmware },
    ({ db, params }) => answerDeviceFirmware(db, params.deviceId),
  ),
  route(
    "patch",
    "/api/firmware/devices/{deviceId}",
    "manage-firmware",
    { summary: "Change a device's policy", params: ofDevice, takes: devicePolicy, answer: deviceFirmware },
    ({ db, params, body, identity }) => answerDevicePolicy(db, params.deviceId, body, identity),
  ),
  route(
    "post",
    "/api/rollouts",
    "manage-firmware",
    { summary: "Roll a release out", takes: newRollout, answer: rolloutDetail },
    ({ env, db, body, identity, now }) => answerNewRollout(env, db, body, identity, now),
  ),
  route(
    "get",
    "/api/rollouts/{rolloutId}",
    "see-devices",
    { summary: "A rollout, device by device", params: ofRollout, answer: rolloutDetail },
    ({ env, db, params, now }) => answerRollout(env, db, params.rolloutId, now),
  ),
  route(
    "post",
    "/api/rollouts/{rolloutId}",
    "manage-firmware",
    { summary: "Decide on a rollout", params: ofRollout, takes: rolloutDecision, answer: rolloutDetail },
    ({ env, db, params, body, identity, now }) => answerDecision(env, db, params.rolloutId, body, identity, now),
  ),
];
