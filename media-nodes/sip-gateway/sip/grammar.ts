/** The grammar that the parts of a message share (RFC 3261 §25.1): tokens, lists, hosts and parameters. */
import type { Params } from "./message.ts";

/** Thrown within the parser alone; `parse` turns it into the status to answer with. */
export class Malformed extends Error {
  readonly status: number;
  constructor(reason: string, status = 400) {
    super(reason);
    this.status = status;
  }
}

export const tokenPattern = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9.])?)$/;
/** A parameter's value: token, host or quoted string (gen-value); slashes and the like for URIs that phones put there. */
const valuePattern = /^(?:[A-Za-z0-9\-.!%*_+`'~[\]:/@?&=$]+|"(?:[^"\\]|\\.)*")$/s;
export const noParams: Params = new Map();

/** Splits at `separator` outside quoted strings and angle brackets. Throws where a quote stays open. */
export function splitOutside(text: string, separator: string): string[] {
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

export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Malformed("malformed port");
  return Number(text);
}

/** Parses `host[:port]`, IPv6 in brackets. */
export function parseHostPort(text: string): { host: string; port?: number } {
  const colon = text.startsWith("[") ? text.indexOf("]:") + (text.includes("]:") ? 1 : 0) : text.indexOf(":");
  const hasPort = colon > 0;
  const host = hasPort ? text.slice(0, colon) : text;
  if (!hostPattern.test(host)) throw new Malformed("malformed host");
  return hasPort ? { host, port: parsePort(text.slice(colon + 1)) } : { host };
}

/** Parses `;name=value` parameters of a header field; `text` begins at the first semicolon or is empty. */
export function parseParams(text: string): Params {
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

export function digits(value: string, below: number, what: string): number {
  if (!/^\d{1,10}$/.test(value) || Number(value) >= below) throw new Malformed(`malformed ${what}`);
  return Number(value);
}
