/** The logs of devices: sent by them, asked for and looked at by who may. */
import { z } from "@hono/zod-openapi";
import { commandAsked } from "#core/messages/device-api.ts";
import { deviceLogContents, deviceLogList, streamedLines } from "#core/messages/device-logs.ts";
import { commandId, deviceId } from "#core/messages/values.ts";
import { answerStream, answerUpload } from "../devices/logs.ts";
import { openRoute, type Route, route } from "../http/route.ts";
import { answerLogContents, answerLogRequest, answerLogs } from "../portal-api/logs.ts";

const ofDevice = z.object({ deviceId });

export const deviceLogRoutes: Route[] = [
  route(
    "get",
    "/api/devices/{deviceId}/logs",
    "see-logs",
    { summary: "A device's logs, and what became of the last request", params: ofDevice, answer: deviceLogList },
    ({ db, params, now }) => answerLogs(db, params.deviceId, now),
  ),
  route(
    "post",
    "/api/devices/{deviceId}/logs",
    "see-logs",
    { summary: "Ask the device for its log", params: ofDevice, answer: commandAsked },
    ({ env, db, params, identity, now }) => answerLogRequest(env, db, params.deviceId, identity, now),
  ),
  route(
    "get",
    "/api/devices/{deviceId}/logs/{logId}",
    "see-logs",
    {
      summary: "Look at a log: the audit says who did",
      params: ofDevice.extend({ logId: z.uuid() }),
      answer: deviceLogContents,
    },
    ({ env, db, params, identity, now }) => answerLogContents(env, db, params.deviceId, params.logId, identity, now),
  ),
  openRoute(
    "put",
    "/device/logs/{commandId}",
    "certificate",
    { summary: "The log that this command asked for, packed", params: z.object({ commandId }) },
    ({ env, request, params, now }) => answerUpload(env, request, params.commandId, now),
  ),
  openRoute(
    "post",
    "/device/log",
    "certificate",
    { summary: "Lines of a device's log, as they come", answer: streamedLines },
    ({ env, request, now }) => answerStream(env, request, now),
  ),
];
