/** Handing a device on to another organisation: offered by the one, taken or refused by the other. */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { ClaimCode } from "#core/device/claim-code.ts";
import {
  offeredDevice,
  takenDevice,
  type takingBody,
  type transferBody,
  transferOffered,
  transferState,
} from "#core/messages/transfers.ts";
import { request, send } from "./request.ts";

export type OfferedDevice = z.output<typeof offeredDevice>;

const path = (deviceId: string) => `/api/devices/${encodeURIComponent(deviceId)}/transfer`;

export const transferQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ["device", deviceId, "transfer"],
    queryFn: ({ signal }) => request(transferState, path(deviceId), { signal }),
    staleTime: 30_000,
  });

/** The code is in the answer where it went to nobody by mail, and nowhere else. */
export const offerDevice = (deviceId: string, body: z.input<typeof transferBody>) =>
  request(transferOffered, path(deviceId), { method: "POST", body });
export const withdrawOffer = (deviceId: string) => send(path(deviceId), { method: "DELETE" });

/** What is offered by a code. @throws ApiError whose code transfer/ends.ts knows, where it is not for this person */
export const offeredQuery = (code: ClaimCode) =>
  queryOptions({
    queryKey: ["offered", code],
    queryFn: ({ signal }) => request(offeredDevice, "/api/transfer", { method: "POST", body: { code }, signal }),
    // The edge counts how often a code is tried.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** @throws ApiError as `offeredQuery` */
export const takeOffered = (body: z.input<typeof takingBody>) =>
  request(takenDevice, "/api/transfer/take", { method: "POST", body });
/** @throws ApiError as `offeredQuery` */
export const refuseOffered = (code: ClaimCode) => send("/api/transfer/refuse", { method: "POST", body: { code } });
