/**
 * What is said about claims and certificates: by the portal (`/api/claims`), by a device (`/device/*`, beside EST), by a
 * device's maker (`/maker/*`) and by a media node (`/media-node/certificates`).
 */
import { z } from "zod";
import { claimFailure, claimState } from "../device/claim.ts";
import { claimCode } from "../device/claim-code.ts";
import { hardwareRevision } from "../device/revision.ts";
import { deviceId, label, moment } from "./values.ts";

export const claimId = z.uuid().brand("ClaimId");
export type ClaimId = z.infer<typeof claimId>;

/** POST /api/claims. Without a name it gets its model's; without a site the organisation's first, or one made for it. */
export const claimRequest = z.object({ code: claimCode, name: label.optional(), siteId: z.uuid().optional() });
export type ClaimRequest = z.infer<typeof claimRequest>;

/** What a page shows step by step. The steps that have happened come with their time, in this order. */
export const claimStep = z.enum(["accepted", "present", "enrolled", "configured", "registered", "ready", "failed"]);

/** Answer to POST /api/claims and GET /api/claims/{claimId}. */
export const claimProgress = z.object({
  claimId,
  deviceId,
  name: label,
  model: label,
  serial: label,
  state: claimState,
  reason: claimFailure.optional(),
  steps: z.array(z.object({ step: claimStep, at: moment })),
  /** Until when somebody has to press at the device. */
  expiresAt: moment,
});

/** POST /api/devices/{deviceId}/release: the code by which it can be claimed anew. It is shown once. */
export const released = z.object({ code: z.string() });

/** POST /maker/identities: a device that leaves the factory. */
export const factoryDelivery = z.object({
  serial: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, "is 1 to 64 visible ASCII characters")
    .describe("As in the factory certificate's subject."),
  model: label.describe("As on the name plate, one that this maker vouches for."),
  revision: hardwareRevision.describe("Two capital letters, as on the name plate."),
  code: claimCode.describe("The claim code on the device. It is kept as an HMAC alone."),
});
export type FactoryDelivery = z.infer<typeof factoryDelivery>;
export const factoryAnswer = z.object({ deviceId });

/** A maker and devices that somebody holds already, as the demo organisation's doors: handed over beside the first start. */
export const factoryBatch = z.object({
  maker: z.object({ id: z.string(), name: label, certificate: z.string(), models: z.array(label) }),
  identities: z.array(
    z.object({ id: deviceId, serial: factoryDelivery.shape.serial, model: label, revision: hardwareRevision }),
  ),
});
export type FactoryBatch = z.infer<typeof factoryBatch>;

export const certificateSerial = z.string().regex(/^[0-9a-f]{1,40}$/);
/** To a media node's gateway and broker: these certificates are good no more, whoever came in by one goes at once. */
export const certificatesRevoked = z.object({
  type: z.literal("revoked"),
  serials: z.array(certificateSerial).max(1000),
});
/** Of one request. */
export const mostCertificates = 128;
/** POST /media-node/certificates: may who shows them come in? Asked after every handshake. */
export const shownCertificates = z.strictObject({ serials: z.array(certificateSerial).max(mostCertificates) });
export const certificateStatus = z.discriminatedUnion("status", [
  z.object({ status: z.literal("good"), deviceId }),
  z.object({ status: z.enum(["unknown", "expired", "revoked"]) }),
]);
export type CertificateStatus = z.infer<typeof certificateStatus>;
/** One for each serial, in their order. */
export const certificateStatuses = z.object({ statuses: z.array(certificateStatus) });

/** GET /media-node/revocations?since=: what was revoked since that moment, and from when to ask next. */
export const revocations = z.object({ serials: z.array(certificateSerial), next: moment });

/** A good answer may be kept so long, and a revoked certificate's open connections end within it. Milliseconds. */
export const statusKept = 60_000;
