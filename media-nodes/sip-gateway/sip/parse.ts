/**
 * A strict parser after RFC 3261 §25, held against RFC 4475's torture messages. What it accepts is well-formed in every
 * field that we act on; what it refuses comes back as a status to answer with. It never throws and its work is bounded by
 * the length of its input, which `framing.ts` bounds.
 */
import type { Address, Header, Params, SipMessage, SipUri, Via } from "./message.ts";

export interface ParseFailure {
  ok: false;
  /** The status a request of this kind deserves: 400, 416, 505, … */
  status: number;
  reason: string;
  /** What could be read, so that the refusal can be addressed; undefined where even that failed. */
  partial?: { method: string; headers: readonly Header[] };
}

export type ParseResult = { ok: true; message: SipMessage } | ParseFailure;

export const maxHeaderFields = 128;
export const maxUriLength = 2048;

const compactForms: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  d: "request-disposition",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
  y: "identity",
};

/** Field names as they are usually written, to be found without work. */
const usualNames = new Map(
  [
    "Via From To Call-ID CSeq Contact Max-Forwards Content-Length Content-Type Route Record-Route Require Supported Allow",
    "Expires User-Agent Server Accept Date RSeq RAck Session-Expires Min-SE Reason Event P-Asserted-Identity",
  ]
    .flatMap((names) => names.split(" "))
    .map((name) => [name, name.toLowerCase()]),
);

class Malformed extends Error {
  readonly status: number;
  constructor(reason: string, status = 400) {
    super(reason);
    this.status = status;
  }
}

const tokenPattern = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9.])?)$/;
const wordPattern = /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const userPattern = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/:%]+$/;
const paramPattern = /^[A-Za-z0-9\-_.!~*'()[\]/:&+$%]+$/;
const badEscape = /%(?![0-9A-Fa-f]{2})/;
/** A parameter's value: token, host or quoted string (gen-value); slashes and the like for URIs that phones put there. */
const valuePattern = /^(?:[A-Za-z0-9\-.!%*_+`'~[\]:/@?&=$]+|"(?:[^"\\]|\\.)*")$/s;
const httpDate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

const noParams: Params = new Map();

/** Splits at `separator` outside quoted strings and angle brackets. Throws where a quote stays open. */
function splitOutside(text: string, separator: string): string[] {
  if (!text.includes('"')) {
    if (!text.includes(separator)) return [text];
    if (!text.includes("<")) return text.split(separator);
  }
  const parts: string[] = [];
  let quoted = false;
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "<") depth++;
    else if (c === ">") depth--;
    else if (c === separator && depth <= 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  if (quoted) throw new Malformed("unbalanced quotes");
  parts.push(text.slice(start));
  return parts;
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Malformed("malformed port");
  return Number(text);
}

/** Parses `host[:port]`, IPv6 in brackets. */
function parseHostPort(text: string): { host: string; port?: number } {
  const colon = text.startsWith("[") ? text.indexOf("]:") + (text.includes("]:") ? 1 : 0) : text.indexOf(":");
  const hasPort = colon > 0;
  const host = hasPort ? text.slice(0, colon) : text;
  if (!hostPattern.test(host)) throw new Malformed("malformed host");
  return hasPort ? { host, port: parsePort(text.slice(colon + 1)) } : { host };
}

/** Parses the parameters after the first `;` of a URI. */
function parseUriParams(text: string): Params {
  if (text === "") return noParams;
  if (badEscape.test(text)) throw new Malformed("malformed escape in a URI");
  const params = new Map<string, string>();
  for (const param of text.split(";")) {
    const equals = param.indexOf("=");
    const name = equals < 0 ? param : param.slice(0, equals);
    const value = equals < 0 ? "" : param.slice(equals + 1);
    if (!paramPattern.test(name) || (equals >= 0 && !paramPattern.test(value)))
      throw new Malformed("malformed URI parameter");
    // §19.1.1 forbids a parameter twice. The same said twice misleads nobody, and phones do it (`;transport=tls` added
    // to what was typed); two opinions do.
    if ((params.get(name.toLowerCase()) ?? value) !== value) throw new Malformed("URI parameter twice");
    params.set(name.toLowerCase(), value);
  }
  return params;
}

/** Parses a URI (RFC 3261 §19.1.1). Other schemes than sip and sips are kept as text. Throws {@link Malformed}. */
function parseUriText(text: string): SipUri {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!schemePattern.test(scheme) || /[\s<>"]/.test(text)) throw new Malformed("malformed URI");
  if (scheme !== "sip" && scheme !== "sips") return { scheme, host: "", params: noParams, text };
  const question = text.indexOf("?", Math.max(text.lastIndexOf("@"), 0));
  const beforeHeaders = question < 0 ? text.slice(colon + 1) : text.slice(colon + 1, question);
  const at = beforeHeaders.lastIndexOf("@");
  const userInfo = at < 0 ? undefined : beforeHeaders.slice(0, at);
  if (userInfo !== undefined && (!userPattern.test(userInfo) || badEscape.test(userInfo)))
    throw new Malformed("malformed user in URI");
  const rest = beforeHeaders.slice(at + 1);
  const semicolon = rest.indexOf(";");
  const hostPort = parseHostPort(semicolon < 0 ? rest : rest.slice(0, semicolon));
  const params = semicolon < 0 ? noParams : parseUriParams(rest.slice(semicolon + 1));
  return { scheme, ...(userInfo === undefined ? {} : { user: userInfo }), ...hostPort, params, text };
}

/** The same for callers outside: undefined where it is malformed. */
export function parseUri(text: string): SipUri | undefined {
  try {
    return parseUriText(text);
  } catch {
    return undefined;
  }
}

/** Parses `;name=value` parameters of a header field; `text` begins at the first semicolon or is empty. */
function parseParams(text: string): Params {
  const trimmed = text.trim();
  if (trimmed === "") return noParams;
  if (!trimmed.startsWith(";")) throw new Malformed("text after the address");
  const params = new Map<string, string>();
  for (const param of splitOutside(trimmed.slice(1), ";")) {
    const equals = param.indexOf("=");
    const name = (equals < 0 ? param : param.slice(0, equals)).trim().toLowerCase();
    if (!tokenPattern.test(name)) throw new Malformed("malformed parameter");
    const value = equals < 0 ? "" : param.slice(equals + 1).trim();
    if (equals >= 0 && !valuePattern.test(value)) throw new Malformed("malformed parameter value");
    if (params.has(name)) throw new Malformed("parameter twice");
    params.set(name, value);
  }
  return params;
}

/** Where the `<` of a name-addr stands, outside a quoted display name; -1 for an addr-spec. */
function findAngle(text: string): number {
  if (!text.includes('"')) return text.indexOf("<");
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "<") return i;
  }
  if (quoted) throw new Malformed("unbalanced quotes");
  return -1;
}

/** Parses a name-addr or addr-spec with parameters (RFC 3261 §20.10). Throws {@link Malformed}. */
function parseAddressText(value: string): Address {
  const text = value.trim();
  const open = findAngle(text);
  if (open < 0) {
    const semicolon = text.indexOf(";");
    const uri = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
    // RFC 3261 §20: a URI with a comma, question mark or semicolon must stand in angle brackets.
    if (/[?,]/.test(uri)) throw new Malformed("a URI with a comma or question mark needs angle brackets");
    return { uri: parseUriText(uri), params: semicolon < 0 ? noParams : parseParams(text.slice(semicolon)) };
  }
  const close = text.indexOf(">", open);
  if (close < 0) throw new Malformed("unbalanced angle brackets");
  const display = text.slice(0, open).trim();
  if (
    display !== "" &&
    !/^"(?:[^"\\]|\\.)*"$/s.test(display) &&
    !display.split(/\s+/).every((word) => tokenPattern.test(word))
  ) {
    throw new Malformed("malformed display name");
  }
  const address = { uri: parseUriText(text.slice(open + 1, close)), params: parseParams(text.slice(close + 1)) };
  if (display === "") return address;
  return { display: display.startsWith('"') ? display.slice(1, -1).replace(/\\(.)/g, "$1") : display, ...address };
}

/** Parses one Contact, Route or Record-Route value list; undefined where malformed. `*` gives the empty list. */
export function parseAddresses(values: readonly string[]): Address[] | undefined {
  try {
    return values.flatMap((value) => (value.trim() === "*" ? [] : splitOutside(value, ",").map(parseAddressText)));
  } catch {
    return undefined;
  }
}

/** No two neighbouring parts match the same character, so that a long value costs no more than one pass. */
const viaPattern = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(.*)$/is;

function parseVia(text: string): Via {
  const match = viaPattern.exec(text.trim());
  if (!match?.[1] || !match[2]) throw new Malformed("malformed Via");
  const rest = (match[3] ?? "").trim();
  const semicolon = rest.indexOf(";");
  const port = (semicolon < 0 ? rest : rest.slice(0, semicolon)).trim();
  if (port !== "" && !port.startsWith(":")) throw new Malformed("malformed Via");
  return {
    transport: match[1].toUpperCase(),
    host: match[2],
    ...(port === "" ? {} : { port: parsePort(port.slice(1).trim()) }),
    params: semicolon < 0 ? noParams : parseParams(rest.slice(semicolon)),
  };
}

function digits(value: string, below: number, what: string): number {
  if (!/^\d{1,10}$/.test(value) || Number(value) >= below) throw new Malformed(`malformed ${what}`);
  return Number(value);
}

function splitHeaderFields(block: string): Header[] {
  // RFC 3261 §7.3.1: a line that begins with white space continues the one before.
  const lines = (/\r\n[ \t]/.test(block) ? block.replace(/\r\n[ \t]+/g, " ") : block).split("\r\n");
  if (lines.length > maxHeaderFields) throw new Malformed("too many header fields", 413);
  return lines.map((line) => {
    const colon = line.indexOf(":");
    const written = line.slice(0, Math.max(colon, 0));
    const usual = usualNames.get(written);
    if (usual !== undefined) return [usual, line.slice(colon + 1).trim()];
    const name = written.trimEnd().toLowerCase();
    if (!tokenPattern.test(name)) throw new Malformed("malformed header field");
    return [compactForms[name] ?? name, line.slice(colon + 1).trim()];
  });
}

/** What one pass over the header fields finds: those that must be there once, and how the optional ones were. */
interface Fields {
  via: Via[];
  from?: string;
  to?: string;
  "call-id"?: string;
  cseq?: string;
  contentLength?: string;
  maxForwards?: string;
}

/** Takes what is acted on, once each, and refuses malformed values of what is optional and acted on. */
function readFields(headers: readonly Header[]): Fields {
  const found: Fields = { via: [] };
  for (const [name, value] of headers) {
    switch (name) {
      case "via":
        for (const one of splitOutside(value, ",")) found.via.push(parseVia(one));
        break;
      case "from":
      case "to":
      case "call-id":
      case "cseq":
        if (found[name] !== undefined) throw new Malformed(`${name} twice`);
        found[name] = value;
        break;
      case "content-length":
        if (found.contentLength !== undefined && found.contentLength !== value)
          throw new Malformed("conflicting Content-Length");
        found.contentLength = value;
        break;
      case "max-forwards":
        found.maxForwards ??= value;
        break;
      case "contact":
        if (value === "*") break;
        for (const one of splitOutside(value, ",")) parseAddressText(one);
        break;
      case "route":
      case "record-route":
        for (const one of splitOutside(value, ",")) parseAddressText(one);
        break;
      case "expires":
      case "min-expires":
        digits(value, 2 ** 32, name);
        break;
      case "date":
        if (!httpDate.test(value)) throw new Malformed("malformed Date");
        break;
      case "content-type":
        if (!/^[^\s/;]+\s*\/\s*[^\s/;]+\s*(;.*)?$/.test(value)) throw new Malformed("malformed Content-Type");
        break;
      case "warning":
        if (!/^\d{3} \S+ "/.test(value)) throw new Malformed("malformed Warning");
        break;
    }
  }
  if (found.via.length === 0) throw new Malformed("Via missing");
  return found;
}

function needed(found: Fields, name: "from" | "to" | "call-id" | "cseq"): string {
  const value = found[name];
  if (value === undefined || value === "") throw new Malformed(`${name} missing`);
  return value;
}

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

/** The first address of a header field of a parsed message, whose form was checked then; undefined where absent or `*`. */
export function addressOf(message: SipMessage, name: "contact"): Address | undefined {
  const values = message.headers.filter(([one]) => one === name).map(([, value]) => value);
  return parseAddresses(values)?.[0];
}
