/** Header fields (RFC 3261 §7.3): cutting the block into lines, and reading once those that are acted on. */
import { parseAddressText } from "./address.ts";
import { digits, Malformed, noParams, parseParams, parsePort, splitOutside, tokenPattern } from "./grammar.ts";
import type { Header, Via } from "./message.ts";

export const maxHeaderFields = 128;

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

const httpDate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

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

export function splitHeaderFields(block: string): Header[] {
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
export interface Fields {
  via: Via[];
  from?: string;
  to?: string;
  "call-id"?: string;
  cseq?: string;
  contentLength?: string;
  maxForwards?: string;
}

/** Takes what is acted on, once each, and refuses malformed values of what is optional and acted on. */
export function readFields(headers: readonly Header[]): Fields {
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

export function needed(found: Fields, name: "from" | "to" | "call-id" | "cseq"): string {
  const value = found[name];
  if (value === undefined || value === "") throw new Malformed(`${name} missing`);
  return value;
}
