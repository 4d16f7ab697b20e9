import { ApiError } from "../api/request.ts";

/** Why a code leads to nothing that this person can take. */
const ends = ["no-such-transfer", "other-address", "own-device", "not-allowed", "too-many-codes"] as const;
export type End = (typeof ends)[number];

/** Nothing, where something else went wrong. */
export function endBy(error: unknown): End | undefined {
  return error instanceof ApiError ? ends.find((end) => end === error.code) : undefined;
}
