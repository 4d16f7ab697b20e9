/** What the portal asks the edge about claims. */

import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { modelNamed, talks } from "#core/device/models.ts";
import { claimProgress } from "#core/messages/claiming.ts";
import { request } from "./request.ts";

export type ClaimProgress = z.output<typeof claimProgress>;

/** Taken over from another organisation: it never waited for somebody at the device. */
export const isHandedOver = ({ steps, expiresAt }: Pick<ClaimProgress, "steps" | "expiresAt">): boolean =>
  steps.some(({ step, at }) => step === "accepted" && at >= expiresAt);

/** Whether the device rings people, and can be called. */
export function takesCalls({ model }: Pick<ClaimProgress, "model">): boolean {
  const known = modelNamed(model);
  return known === undefined || talks(known);
}

/** How often a claim under way is looked at. Milliseconds. */
const pace = 1_000;

export const isOver = ({ state }: Pick<ClaimProgress, "state">): boolean => state === "ready" || state === "failed";

export const claimQuery = (claimId: string) =>
  queryOptions({
    queryKey: ["claim", claimId],
    queryFn: ({ signal }) => request(claimProgress, `/api/claims/${encodeURIComponent(claimId)}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data && isOver(data) ? false : pace),
    refetchIntervalInBackground: true,
  });

/** @throws ApiError with the code that says why not */
export const startClaim = (code: string): Promise<ClaimProgress> =>
  request(claimProgress, "/api/claims", { method: "POST", body: { code } });
