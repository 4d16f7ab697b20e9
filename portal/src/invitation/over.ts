import { type InvitationEnd, invitationEnds } from "#core/messages/people.ts";
import { ApiError } from "../api/request.ts";

/** Why a link leads to no invitation that holds. `unknown`: there was none, or nobody remembers it. */
export type Over = InvitationEnd | "unknown";

/** Nothing, where something else went wrong. */
export function overBy(error: unknown): Over | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === "no-such-invitation") return "unknown";
  return invitationEnds.find((how) => error.code === `invitation-${how}`);
}
