/** What media nodes and their parts bring and ask, by their token. */
import { z } from "@hono/zod-openapi";
import { presence, said } from "#core/messages/broker-link.ts";
import { certificateSerial, certificateStatus, revocations } from "#core/messages/claiming.ts";
import { upMessage } from "#core/messages/device.ts";
import { callId, deviceId, nodeName } from "#core/messages/values.ts";
import { acceptMediaNode, storeSnapshot } from "../calls/routes.ts";
import { answerRevocations, answerStatus, answerVirtualCertificate } from "../claiming/status.ts";
import { acceptBroker, answerConnection, answerDeviceMessage } from "../devices/from-devices.ts";
import { openRoute, type Route } from "../http/route.ts";

const ofCall = z.object({ callId });
const ofDevice = z.object({ deviceId });

export const mediaNodeRoutes: Route[] = [
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
];
