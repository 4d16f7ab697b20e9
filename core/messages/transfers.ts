/** What is said about handing on: a device to another organisation (`/api/transfer`), an organisation to another owner (`/api/ownership`). */
import { z } from "zod";
import { claimCode } from "../device/claim-code.ts";
import { claimId } from "./claiming.ts";
import { deviceId, label, moment, userId } from "./values.ts";

/** POST /api/devices/{deviceId}/transfer: to whom by mail; without, whoever has the code takes it. */
export const transferBody = z.object({ email: z.email().max(254).optional() });
/** Its answer. The code is shown this once, and not at all where it went by mail. */
export const transferOffered = z.object({ code: z.string().optional(), expiresAt: moment });

/** GET /api/devices/{deviceId}/transfer: the offer that holds, where there is one. */
export const transferState = z.object({
  offer: z.object({ email: z.string().optional(), by: label, expiresAt: moment }).optional(),
});

/** POST /api/transfer, and …/refuse. In no address that goes over a line. */
export const withCode = z.object({ code: claimCode });
/** The answer to POST /api/transfer: what is offered. */
export const offeredDevice = z.object({
  name: label,
  model: label,
  serial: label,
  organisation: label,
  by: label,
});

/** POST /api/transfer/take. Without a name it keeps its own; without a site it stands at the first. */
export const takingBody = withCode.extend({ name: label.optional(), siteId: z.uuid().optional() });
/** Its answer: how far the device is in its new place is asked as for a claim. */
export const takenDevice = z.object({ deviceId, claimId });

const who = z.object({ userId, name: label });
const ownershipOffer = z.object({ offerId: z.uuid(), by: who, to: who, expiresAt: moment });
export type OwnershipOffer = z.infer<typeof ownershipOffer>;
/** GET /api/ownership: the offers that whoever asks made or was made. */
export const ownershipOffers = z.object({ offers: z.array(ownershipOffer) });
/** POST /api/ownership: to whom. */
export const ownershipBody = z.object({ userId });
