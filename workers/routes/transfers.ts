/** Handing on: a device to another organisation, an organisation to another owner. */
import { z } from "@hono/zod-openapi";
import {
  offeredDevice,
  ownershipBody,
  ownershipOffers,
  takenDevice,
  takingBody,
  transferBody,
  transferOffered,
  transferState,
  withCode,
} from "#core/messages/transfers.ts";
import { deviceId } from "#core/messages/values.ts";
import {
  answerOffered,
  answerOffering,
  answerRefusing,
  answerTaking,
  answerTransferState,
  answerWithdrawing,
} from "../claiming/transfers.ts";
import { type Route, route } from "../http/route.ts";
import {
  answerEndingOffer,
  answerOfferingOwnership,
  answerOwnership,
  answerTakingOwnership,
} from "../people/ownership.ts";

const ofDevice = z.object({ deviceId });
const ofOffer = z.object({ offerId: z.uuid() });

export const transferRoutes: Route[] = [
  route(
    "get",
    "/api/devices/{deviceId}/transfer",
    "transfer-device",
    { summary: "Whether a device is offered to another organisation", params: ofDevice, answer: transferState },
    ({ db, params, now }) => answerTransferState(db, params.deviceId, now),
  ),
  route(
    "post",
    "/api/devices/{deviceId}/transfer",
    "transfer-device",
    {
      summary: "Offer a device to another organisation, by mail or by a code that is shown this once",
      params: ofDevice,
      takes: transferBody,
      answer: transferOffered,
    },
    ({ env, db, identity, params, body, now }) => answerOffering(env, db, identity, params.deviceId, body, now),
  ),
  route(
    "delete",
    "/api/devices/{deviceId}/transfer",
    "transfer-device",
    { summary: "Offer a device no more", params: ofDevice },
    ({ env, db, identity, params, now }) => answerWithdrawing(env, db, identity, params.deviceId, now),
  ),
  route(
    "post",
    "/api/transfer",
    "receive-device",
    { summary: "What is offered to who has this code", takes: withCode, answer: offeredDevice },
    ({ body, ...asking }) => answerOffered(asking, body.code),
  ),
  route(
    "post",
    "/api/transfer/take",
    "receive-device",
    {
      summary: "Take an offered device: it leaves its owner and is this organisation's",
      takes: takingBody,
      answer: takenDevice,
    },
    ({ body, ...asking }) => answerTaking(asking, body),
  ),
  route(
    "post",
    "/api/transfer/refuse",
    "receive-device",
    { summary: "Refuse an offered device", takes: withCode },
    ({ body, ...asking }) => answerRefusing(asking, body.code),
  ),
  route(
    "get",
    "/api/ownership",
    "signed-in",
    { summary: "The offers of ownership that one made or was made", answer: ownershipOffers },
    ({ db, identity, now }) => answerOwnership(db, identity, now),
  ),
  route(
    "post",
    "/api/ownership",
    "transfer-organisation",
    { summary: "Offer a member one's own place as owner", takes: ownershipBody },
    ({ env, db, identity, body, now }) => answerOfferingOwnership(env, db, identity, body.userId, now),
  ),
  route(
    "delete",
    "/api/ownership/{offerId}",
    "signed-in",
    { summary: "Withdraw an offer of ownership, or refuse one", params: ofOffer },
    ({ env, db, identity, params, now }) => answerEndingOffer(env, db, identity, params.offerId, now),
  ),
  route(
    "post",
    "/api/ownership/{offerId}/take",
    "signed-in",
    { summary: "Become the owner; who was it is an administrator from now on", params: ofOffer },
    ({ env, db, identity, params, now }) => answerTakingOwnership(env, db, identity, params.offerId, now),
  ),
];
