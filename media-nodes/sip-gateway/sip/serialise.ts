/** Messages as text on the wire (RFC 3261 §7). Every message of ours carries Content-Length, as RFC 3261 §18.3 asks of streams. */
import { type Header, headers, reasonPhrases, type SipRequest } from "./message.ts";

const canonical: Readonly<Record<string, string>> = {
  via: "Via",
  from: "From",
  to: "To",
  "call-id": "Call-ID",
  cseq: "CSeq",
  contact: "Contact",
  "max-forwards": "Max-Forwards",
  "content-type": "Content-Type",
  allow: "Allow",
  supported: "Supported",
  require: "Require",
  unsupported: "Unsupported",
  expires: "Expires",
  "min-expires": "Min-Expires",
  "retry-after": "Retry-After",
  rseq: "RSeq",
  rack: "RAck",
  "session-expires": "Session-Expires",
  "min-se": "Min-SE",
  "record-route": "Record-Route",
  route: "Route",
  reason: "Reason",
  "user-agent": "User-Agent",
  server: "Server",
  accept: "Accept",
  warning: "Warning",
  "flow-timer": "Flow-Timer",
  date: "Date",
};

/** No header value of ours may start another line, whatever it was made from. */
const oneLine = (value: string) => value.replace(/[\r\n]+/g, " ");

function write(startLine: string, fields: readonly Header[], body: string): string {
  const lines = fields.map(([name, value]) => `${canonical[name] ?? name}: ${oneLine(value)}`);
  return `${oneLine(startLine)}\r\n${lines.join("\r\n")}\r\nContent-Length: ${Buffer.byteLength(body, "latin1")}\r\n\r\n${body}`;
}

/** A request; `fields` in order, without Content-Length. */
export function writeRequest(method: string, uri: string, fields: readonly Header[], body = ""): string {
  return write(`${method} ${uri} SIP/2.0`, fields, body);
}

/** What a response adds to what it copies from its request. */
export interface ResponseContent {
  status: number;
  reason?: string;
  headers?: readonly Header[];
  body?: string;
  /** Our tag in To; not added to a To that has one, nor to 100. */
  tag?: string;
}

/** A response to `request` with the fields that RFC 3261 §8.2.6.2 copies. */
export function writeResponse(request: { headers: readonly Header[] }, content: ResponseContent): string {
  const copy = (name: string): Header[] => headers(request, name).map((value) => [name, value]);
  const to = headers(request, "to")[0] ?? "";
  const tagged =
    content.tag === undefined || content.status === 100 || /;\s*tag\s*=/i.test(to.slice(to.lastIndexOf(">") + 1))
      ? to
      : `${to};tag=${content.tag}`;
  const fields: Header[] = [
    ...copy("via"),
    ...copy("from"),
    ["to", tagged],
    ...copy("call-id"),
    ...copy("cseq"),
    ...(content.status > 100 && content.status < 300 ? copy("record-route") : []),
    ...(content.headers ?? []),
  ];
  return write(
    `SIP/2.0 ${content.status} ${content.reason ?? reasonPhrases[content.status] ?? "Unknown"}`,
    fields,
    content.body ?? "",
  );
}

/** The ACK for a final response ≥ 300: same branch as its INVITE (RFC 3261 §17.1.1.3). */
export function writeNegativeAck(
  invite: Pick<SipRequest, "uri" | "callId" | "cseq"> & { headers: readonly Header[] },
  to: string,
): string {
  const first = (name: string) => headers(invite, name)[0] ?? "";
  return writeRequest("ACK", invite.uri.text, [
    ["via", first("via")],
    ["max-forwards", "70"],
    ["from", first("from")],
    ["to", to],
    ["call-id", invite.callId],
    ["cseq", `${invite.cseq.number} ACK`],
    ...headers(invite, "route").map((value): Header => ["route", value]),
  ]);
}
