/** URIs (RFC 3261 §19.1.1) and the addresses that hold them (§20.10). */
import { Malformed, noParams, parseHostPort, parseParams, splitOutside, tokenPattern } from "./grammar.ts";
import type { Address, Params, SipMessage, SipUri } from "./message.ts";

const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const userPattern = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/:%]+$/;
const paramPattern = /^[A-Za-z0-9\-_.!~*'()[\]/:&+$%]+$/;
const badEscape = /%(?![0-9A-Fa-f]{2})/;

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
export function parseUriText(text: string): SipUri {
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
export function parseAddressText(value: string): Address {
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

/** The first address of a header field of a parsed message, whose form was checked then; undefined where absent or `*`. */
export function addressOf(message: SipMessage, name: "contact"): Address | undefined {
  const values = message.headers.filter(([one]) => one === name).map(([, value]) => value);
  return parseAddresses(values)?.[0];
}
