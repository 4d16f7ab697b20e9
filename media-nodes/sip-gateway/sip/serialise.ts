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
  "accept-encoding": "Accept-Encoding",
};

/** Text as the bytes that go out, a character a byte. */
const utf8 = (text: string) => (/[\x80-\uffff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text);

/**
 * No header value of ours may start another line, whatever it was made from. A character beyond a byte (its lower half
 * may be a line feed) is written as UTF-8; bytes copied from a request stay as they were.
 */
const oneLine = (value: string) => (/[\u0100-\uffff]/.test(value) ? utf8(value) : value).replace(/[\r\n]+/g, " ");

/** A name as a quoted string (RFC 3261 §25.1), for the display name of an address. */
export function quoted(name: string): string {
  return `"${utf8(name.replace(/\p{Cc}+/gu, " ").replace(/["\\]/g, "\\$&"))}"`;
}

function write(startLine: string, fields: readonly Header[], body: string): string {
  const lines = fields.map(([name, value]) => `${canonical[name] ?? name}: ${oneLine(value)}`);
  const bytes = utf8(body);
  return `${oneLine(startLine)}\r\n${lines.join("\r\n")}\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`;
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
  const to = headers(request, "to")[0];
  const tagged =
    to === undefined ||
    content.tag === undefined ||
    content.status === 100 ||
    /;\s*tag\s*=/i.test(to.slice(to.lastIndexOf(">") + 1))
      ? to
      : `${to};tag=${content.tag}`;
  const fields: Header[] = [
    ...copy("via"),
    ...copy("from"),
    // A refused request may lack even this.
    ...(tagged === undefined ? [] : [["to", tagged] as const]),
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
