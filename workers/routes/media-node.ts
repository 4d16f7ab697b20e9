/** What media nodes and their parts bring and ask, by their token. */
import { z } from "@hono/zod-openapi";
import { deviceEvents, eventOutcomes, largestEvents } from "#core/messages/broker-link.ts";
import { certificateStatuses, revocations, shownCertificates } from "#core/messages/claiming.ts";
import { callId, deviceId, nodeName } from "#core/messages/values.ts";
import { acceptMediaNode, storeSnapshot } from "../calls/routes.ts";
import { answerRevocations, answerStatuses, answerVirtualCertificate } from "../claiming/status.ts";
import { acceptBroker, answerEvents } from "../devices/from-devices.ts";
import { mediaNodeRoute, openRoute, type Route } from "../http/route.ts";

const ofCall = z.object({ callId });
const ofDevice = z.object({ deviceId });

export const mediaNodeRoutes: Route[] = [
  mediaNodeRoute(
    "get",
    "/media-node/link",
    { summary: "WebSocket of a media node, by its token" },
    ({ env, request }) => acceptMediaNode(env, request),
  ),
  mediaNodeRoute(
    "get",
    "/media-node/devices",
    { summary: "WebSocket of a media node's broker: what is said to devices", query: z.object({ node: nodeName }) },
    ({ env, request, query }) => acceptBroker(env, request, query.node),
  ),
  mediaNodeRoute(
    "post",
    "/media-node/devices/events",
    {
      summary: "What happened to devices at the broker; each answered once it is stored",
      takes: deviceEvents,
      largest: largestEvents,
      answer: eventOutcomes,
    },
    ({ env, body, now }) => answerEvents(env, body, now),
  ),
  openRoute(
    "put",
    "/media-node/snapshots/{callId}",
    "bearer",
    { summary: "Store a caller's picture, by the call's own token", params: ofCall },
    ({ env, request, params }) => storeSnapshot(env, params.callId, request),
  ),
  mediaNodeRoute(
    "post",
    "/media-node/certificates",
    {
      summary: "Whether who shows these certificates may come in; at its first use older ones die",
      takes: shownCertificates,
      answer: certificateStatuses,
    },
    ({ env, body, now }) => answerStatuses(env, body.serials, now),
  ),
  mediaNodeRoute(
    "get",
    "/media-node/revocations",
    {
      summary: "Certificates that were revoked since a moment (milliseconds)",
      query: z.object({ since: z.coerce.number().int().nonnegative() }),
      answer: revocations,
    },
    ({ env, query, now }) => answerRevocations(env, query.since, now),
  ),
  mediaNodeRoute(
    "post",
    "/media-node/virtual-stations/{deviceId}/certificate",
    { summary: "A certificate for the virtual station that this node runs", params: ofDevice },
    ({ env, request, params, now }) => answerVirtualCertificate(env, request, params.deviceId, now),
  ),
];
