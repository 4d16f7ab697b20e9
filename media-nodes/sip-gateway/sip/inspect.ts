/** What refuses a request before anyone looks at its meaning (RFC 3261 §8.2.1-3). */

import { addressOf } from "./address.ts";
import { type Header, header, headers, type SipRequest, tokens } from "./message.ts";
import type { ResponseContent } from "./serialise.ts";
import { hasUniqueBranch } from "./transaction/match.ts";

export const allowedMethods = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, MESSAGE, REGISTER";
/** The extensions we know: RFC 5626, 4028, 3262, 3327's path and 5627's gruu are offered by phones and may be required. */
export const knownExtensions = new Set(["outbound", "timer", "100rel", "path", "gruu"]);

export const allow: Header = ["allow", allowedMethods];
/** Methods that SIP knows and we don't serve: 405. Any other is unheard of: 501 (RFC 3261 §8.2.1, RFC 4475 §3.1.1.2). */
const unserved = new Set(["SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER"]);
const withSession = new Set(["INVITE", "UPDATE", "PRACK"]);

/** Whether an Accept header field, if there is one, lets us answer with SDP. */
function acceptsSdp(request: SipRequest): boolean {
  const types = tokens(request, "accept").map((value) => value.split(";")[0]?.trim());
  return (
    header(request, "accept") === undefined ||
    ["application/sdp", "application/*", "*/*"].some((type) => types.includes(type))
  );
}

/** What refuses a request before anyone looks at its meaning (RFC 3261 §8.2.1-3); undefined where nothing does. */
export function inspect(request: SipRequest): ResponseContent | undefined {
  if (!allowedMethods.split(", ").includes(request.method))
    return { status: unserved.has(request.method) ? 405 : 501, headers: [allow] };
  if (request.uri.scheme !== "sip" && request.uri.scheme !== "sips") return { status: 416 };
  if (request.uri.text.includes("?", request.uri.text.lastIndexOf("@")))
    return { status: 400, reason: "Headers In Request-URI" };
  const unknown = headers(request, "require")
    .flatMap((value) => value.split(",").map((tag) => tag.trim()))
    .filter((tag) => tag !== "" && !knownExtensions.has(tag.toLowerCase()));
  if (unknown.length > 0) return { status: 420, headers: [["unsupported", unknown.join(", ")]] };
  if (header(request, "content-encoding") !== undefined && request.body !== "")
    return { status: 415, headers: [["accept-encoding", "identity"]] };
  if (withSession.has(request.method)) {
    const type = header(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
    if (request.body !== "" && type !== "application/sdp")
      return { status: 415, headers: [["accept", "application/sdp"]] };
    if (request.method === "INVITE" && !acceptsSdp(request)) return { status: 406 };
  }
  // RFC 2543 knew neither; its calls go back over their flow to whom they came from.
  if (request.method === "INVITE" && hasUniqueBranch(request)) {
    if (!addressOf(request, "contact")) return { status: 400, reason: "Contact Missing" };
    if (request.from.params.get("tag") === undefined) return { status: 400, reason: "From Tag Missing" };
  }
  return undefined;
}
