/**
 * A strict parser after RFC 3261 §25, held against RFC 4475's torture messages. What it accepts is well-formed in every
 * field that we act on; what it refuses comes back as a status to answer with. It never throws and its work is bounded by
 * the length of its input, which `framing.ts` bounds.
 */
import { parseAddressText, parseUriText } from "./address.ts";
import { digits, Malformed, tokenPattern } from "./grammar.ts";
import { needed, readFields, splitHeaderFields } from "./header-fields.ts";
import type { Header, SipMessage } from "./message.ts";

export interface ParseFailure {
  ok: false;
  /** The status a request of this kind deserves: 400, 416, 505, … */
  status: number;
  reason: string;
  /** What could be read, so that the refusal can be addressed; undefined where even that failed. */
  partial?: { method: string; headers: readonly Header[] };
}

export type ParseResult = { ok: true; message: SipMessage } | ParseFailure;

export const maxUriLength = 2048;

const wordPattern = /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;
function bodyLength(announced: string | undefined, available: number): number {
  if (announced === undefined) return available;
  const length = digits(announced, 2 ** 31, "Content-Length");
  if (length > available) throw new Malformed("body shorter than Content-Length");
  return length;
}

/** Bodies are text for us: UTF-8, which `serialise.ts` writes again. */
function decodeBody(bytes: string): string {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

type StartLine =
  | { kind: "response"; status: number; reason: string }
  | { kind: "request"; method: string; uri: string };

function parseStartLine(line: string): StartLine {
  if (/^SIP\//i.test(line)) {
    const match = /^SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?$/i.exec(line);
    if (!match?.[1]) throw new Malformed("malformed status line");
    return { kind: "response", status: Number(match[1]), reason: match[2] ?? "" };
  }
  const words = line.split(" ");
  const [method = "", uri = "", version = ""] = words;
  // A URI in angle brackets or with white space in it (RFC 4475 §3.1.2.8 to .10) doesn't split in three.
  if (words.length !== 3 || !tokenPattern.test(method) || uri === "") throw new Malformed("malformed request line");
  if (!/^SIP\/2\.0$/i.test(version))
    throw /^SIP\/\d+\.\d+$/i.test(version)
      ? new Malformed("unknown SIP version", 505)
      : new Malformed("malformed request line");
  return { kind: "request", method, uri };
}

/**
 * Parses one message: start line, header fields, empty line, and as much body as Content-Length says.
 * `text` is the whole message as framing cut it off the stream.
 */
export function parse(text: string): ParseResult {
  let partial: ParseFailure["partial"];
  try {
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) throw new Malformed("no end of header fields");
    const lineEnd = text.indexOf("\r\n");
    const headers = lineEnd === end ? [] : splitHeaderFields(text.slice(lineEnd + 2, end));
    const startText = text.slice(0, lineEnd);
    partial = { method: /^\S+/.exec(startText)?.[0] ?? "", headers };
    const start = parseStartLine(startText);
    const found = readFields(headers);
    const cseq = /^(\d{1,10})\s+(\S+)$/.exec(needed(found, "cseq"));
    if (!cseq?.[1] || !cseq[2] || !tokenPattern.test(cseq[2])) throw new Malformed("malformed CSeq");
    const callId = needed(found, "call-id");
    if (!wordPattern.test(callId)) throw new Malformed("malformed Call-ID");
    const bodyStart = end + 4;
    const common = {
      headers,
      via: found.via,
      from: parseAddressText(needed(found, "from")),
      to: parseAddressText(needed(found, "to")),
      callId,
      cseq: { number: digits(cseq[1], 2 ** 31, "CSeq"), method: cseq[2] },
      body: decodeBody(text.slice(bodyStart, bodyStart + bodyLength(found.contentLength, text.length - bodyStart))),
    };
    if (start.kind === "response") return { ok: true, message: { ...common, ...start } };
    if (cseq[2] !== start.method) throw new Malformed("CSeq names another method");
    const { maxForwards } = found;
    if (start.uri.length > maxUriLength) throw new Malformed("Request-URI too long", 414);
    const uri = parseUriText(start.uri);
    return {
      ok: true,
      message: {
        ...common,
        kind: "request",
        method: start.method,
        uri,
        maxForwards: maxForwards === undefined ? 70 : digits(maxForwards, 256, "Max-Forwards"),
      },
    };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, status: error.status, reason: error.message, ...(partial ? { partial } : {}) };
  }
}
