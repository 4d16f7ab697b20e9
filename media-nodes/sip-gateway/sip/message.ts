/** SIP messages as RFC 3261 §7 has them, parsed far enough that no other file looks at raw text. */

/** The parameters of a header field or a URI; names in lower case. A parameter without a value is the empty string. */
export type Params = ReadonlyMap<string, string>;

export interface SipUri {
  /** `sip`, `sips`, or another scheme (then only `text` is meaningful). */
  scheme: string;
  user?: string;
  host: string;
  port?: number;
  params: Params;
  /** As it was written. */
  text: string;
}

/** A `name-addr` or `addr-spec` with its parameters: From, To, Contact, Route, Record-Route. */
export interface Address {
  display?: string;
  uri: SipUri;
  params: Params;
}

export interface Via {
  transport: string;
  host: string;
  port?: number;
  params: Params;
}

/**
 * A header field in the order in which it came; names canonical and in lower case, compact forms expanded. Values are as
 * on the wire, a character a byte: what is copied from a request into its response stays as it was.
 */
export type Header = readonly [name: string, value: string];

interface Common {
  headers: readonly Header[];
  via: readonly Via[];
  from: Address;
  to: Address;
  callId: string;
  cseq: { number: number; method: string };
  /** Text, decoded from UTF-8. */
  body: string;
}

export interface SipRequest extends Common {
  kind: "request";
  method: string;
  uri: SipUri;
  maxForwards: number;
}

export interface SipResponse extends Common {
  kind: "response";
  status: number;
  reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** The first value of a header field; `name` in lower case. */
export function header(message: { headers: readonly Header[] }, name: string): string | undefined {
  return message.headers.find(([one]) => one === name)?.[1];
}

/** All values of a header field, in order. */
export function headers(message: { headers: readonly Header[] }, name: string): string[] {
  return message.headers.filter(([one]) => one === name).map(([, value]) => value);
}

/** The option tags of a comma-separated header field such as Supported or Require. */
export function tokens(message: { headers: readonly Header[] }, name: string): string[] {
  return headers(message, name)
    .flatMap((value) => value.split(",").map((token) => token.trim().toLowerCase()))
    .filter((token) => token !== "");
}

/** The standard reason phrases of the statuses we send. RFC 3261 §21 and the RFCs named. */
export const reasonPhrases: Readonly<Record<number, string>> = {
  100: "Trying",
  180: "Ringing",
  183: "Session Progress",
  200: "OK",
  202: "Accepted",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  413: "Request Entity Too Large",
  414: "Request-URI Too Long",
  415: "Unsupported Media Type",
  416: "Unsupported URI Scheme",
  420: "Bad Extension",
  421: "Extension Required",
  422: "Session Interval Too Small", // RFC 4028
  423: "Interval Too Brief",
  430: "Flow Failed", // RFC 5626
  439: "First Hop Lacks Outbound Support", // RFC 5626
  480: "Temporarily Unavailable",
  481: "Call/Transaction Does Not Exist",
  482: "Loop Detected",
  483: "Too Many Hops",
  484: "Address Incomplete",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  491: "Request Pending",
  500: "Server Internal Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  504: "Server Time-out",
  505: "Version Not Supported",
  513: "Message Too Large",
  600: "Busy Everywhere",
  603: "Decline",
  606: "Not Acceptable",
};
