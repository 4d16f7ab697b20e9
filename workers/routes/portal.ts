/** What the portal asks for: doors, calls, devices, sites. */
import { z } from "@hono/zod-openapi";
import {
  bulkRequest,
  bulkResults,
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
import { callDetail, callList, check, doorList, me, virtualStation } from "#core/messages/portal-api.ts";
import { callId, deviceId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { seesCall } from "#db/queries/calls.ts";
import { reachOf } from "#db/queries/reach.ts";
import { acceptClient, readSnapshot } from "../calls/routes.ts";
import { openRoute, type Route, route } from "../http/route.ts";
import { answerBulk } from "../portal-api/bulk.ts";
import {
  answerCommand,
  answerCommands,
  answerDevice,
  answerDeviceChange,
  answerDevices,
  answerDifference,
  answerFailureNoted,
} from "../portal-api/devices.ts";
import { answerDoors } from "../portal-api/doors.ts";
import { answerCall, answerHistory, historyQuery } from "../portal-api/history.ts";
import { answerMe } from "../portal-api/me.ts";
import { answerNewSite, answerSiteChange, answerSites } from "../portal-api/sites.ts";
import { answerVirtualPress, answerVirtualStation } from "../portal-api/virtual-station.ts";

const ofCall = z.object({ callId });
const ofDevice = z.object({ deviceId });
const ofSite = z.object({ siteId });

export const portalRoutes: Route[] = [
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
    ({ env, db, identity, now }) => answerDevices(env, db, identity, now),
  ),
  route(
    "post",
    "/api/devices/bulk",
    "configure-device",
    { summary: "Do one thing to many devices, each for itself", takes: bulkRequest, answer: bulkResults },
    ({ env, db, body, identity, now }) => answerBulk(env, db, body, identity, now),
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
    "delete",
    "/api/devices/{deviceId}/failed-update",
    "configure-device",
    { summary: "Take note of an update that failed: it is shown no more", params: ofDevice, answer: deviceDetail },
    ({ env, db, params, identity, now }) => answerFailureNoted(env, db, params.deviceId, identity, now),
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
    ({ db, body, identity, now }) => answerNewSite(db, body, identity, now),
  ),
  route(
    "patch",
    "/api/sites/{siteId}",
    "configure-device",
    { summary: "Change a site", params: ofSite, takes: siteChange, answer: siteRow },
    ({ env, db, params, body, identity, now }) => answerSiteChange(env, db, params.siteId, body, identity, now),
  ),
  route(
    "post",
    "/api/virtual-station",
    "try-virtual-station",
    { summary: "The virtual station, made on first use", answer: virtualStation },
    ({ db, identity, now }) => answerVirtualStation(db, identity, now),
  ),
  route(
    "post",
    "/api/virtual-station/press",
    "try-virtual-station",
    { summary: "Press the virtual station's button" },
    ({ env, db, identity, now }) => answerVirtualPress(env, db, identity, now),
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
  openRoute(
    "get",
    "/api/snapshots/{callId}",
    "bearer",
    { summary: "A caller's picture, by a signed and expiring address of somebody who sees that call", params: ofCall },
    ({ env, request, now }) => readSnapshot(env, request, now, (picture) => seesCall(connectDb(env), picture, now)),
  ),
];
