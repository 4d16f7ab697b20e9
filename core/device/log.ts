/** A device's log: its lines, how much of them is taken and kept, and what must never stand in one. Pure. */
import { z } from "zod";
import { moment } from "../messages/values.ts";
import { claimCode } from "./claim-code.ts";

/** The least urgent first. */
export const logLevel = z.enum(["debug", "info", "warn", "error"]);
export type LogLevel = z.infer<typeof logLevel>;

/** Characters of a line's text. What is longer is cut. */
const longestText = 1_000;

/** One line. A device writes it as one JSON object, ended by a line feed. */
export const logLine = z.object({
  at: moment.describe("By the device's clock."),
  level: logLevel,
  text: z.string().max(longestText),
});
export type LogLine = z.infer<typeof logLine>;

/** What both kinds of log travel as: a line is one object of {@link logLine}. */
export const logLinesType = "application/x-ndjson";
/** What a whole log is uploaded as (RFC 6713). */
export const wholeLogType = "application/gzip";
/** Octets of one log: of an upload when it is unpacked, or of all that a device streams in a day. */
export const largestLog = 1 << 20;
/** Octets of an upload as it travels. */
export const largestUpload = 256 * 1024;
/** Octets of one line, with what it may not say still in it. */
export const longestLine = 8 * 1024;
/** How many lines a device is asked for: its newest. */
export const linesAsked = 5_000;
/** How long a log is kept after its last line came. Milliseconds. */
export const logLife = 14 * 24 * 60 * 60_000;
/** How long a device has to send what it was asked for. Milliseconds. */
export const uploadTime = 60_000;

const secrets: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)/g, "…"],
  // The part of an address before its host (RFC 3986 §3.2.1).
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]+@/gi, "$1…@"],
  [/\b(Bearer|Basic|Digest) +[\w.~+/=-]{6,}/gi, "$1 …"],
  [/\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g, "…"],
  [
    /\b(password|passwd|passphrase|pwd|secret|token|api[-_]?key|authorization)(["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"',;&]+/gi,
    "$1$2…",
  ],
  // A claim code as it is printed, and as it may be typed.
  [/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b/gi, "…"],
];
/** Perhaps a claim code without its dashes: what is one by its check character. */
const undashed = /\b[0-9A-Z]{16}\b/gi;

/** The text without what looks like a key, a password, a token or a claim code: no log holds one, whoever wrote it. */
export const withoutSecrets = (text: string): string =>
  secrets
    .reduce((rest, [what, instead]) => rest.replace(what, instead), text)
    .replace(undashed, (word) => (claimCode.safeParse(word).success ? "…" : word));

export interface ReadLines {
  lines: LogLine[];
  /** How many were no lines of a log. */
  dropped: number;
}

/** Reads whole lines as they come, one JSON object each, of what one device says. What is none is left out and counted. */
export function lineReader(): (text: string) => ReadLines {
  const withoutKeys = keyRemover();
  return (text) => {
    const lines: LogLine[] = [];
    let dropped = 0;
    for (const one of text.split("\n")) {
      if (one.trim() === "") continue;
      const line = one.length > longestLine ? undefined : readLine(one);
      // What is looked for first: half of a secret would not be known for one.
      if (line) lines.push({ ...line, text: withoutSecrets(withoutKeys(line.text)).slice(0, longestText) });
      else dropped++;
    }
    return { lines, dropped };
  };
}

/** Reads lines that came all together. */
export const readLines = (text: string): ReadLines => lineReader()(text);

const anyLength = logLine.extend({ text: z.string() });

function readLine(text: string): LogLine | undefined {
  try {
    return anyLength.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Lines of one key (RFC 7468) at most: one of RSA with 16,384 bits has 200. */
const longestKey = 250;

/** Takes a key that is printed a line at a time out of those lines, and nothing out of others that come in between. */
function keyRemover(): (text: string) => string {
  let left = 0;
  return (text) => {
    const end = text.lastIndexOf("-----END ");
    const inside = left > 0;
    if (text.lastIndexOf("-----BEGIN ") > end) left = longestKey;
    else if (end >= 0) left = 0;
    else if (inside) left--;
    if (!inside) return text;
    return end < 0
      ? text.trimEnd().replace(/^(.*[^A-Za-z0-9+/=])?[A-Za-z0-9+/=]+$/s, "$1…")
      : text.replace(/^.*-----END [A-Z ]+-----/s, "…");
  };
}

/** As it is kept, and as it travels. */
export const writtenLines = (lines: readonly LogLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

const urgency = (level: LogLevel): number => logLevel.options.indexOf(level);

/** Whether a line asks for somebody's look. */
export const isWarning = ({ level }: LogLine): boolean => urgency(level) >= urgency("warn");

/** The lines that are at least so urgent, and in which these words stand, in any case and order. */
export function fittingLines(lines: readonly LogLine[], search: string, least: LogLevel): LogLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter(({ level, text }) => {
    const lower = text.toLowerCase();
    return urgency(level) >= urgency(least) && words.every((word) => lower.includes(word));
  });
}

/** What became of the last time the device was asked for its log. */
export type LogRequestState = "asked" | "arrived" | "offline" | "failed";

/** @param arrived whether the log is there; @param now milliseconds. A device that sends nothing in time has failed. */
export function requestState(
  { state, askedAt }: { state: "sent" | "offline" | "done" | "expired" | "refused" | "failed"; askedAt: number },
  arrived: boolean,
  now: number,
): LogRequestState {
  if (arrived) return "arrived";
  if (state === "sent") return now < askedAt + uploadTime ? "asked" : "failed";
  return state === "offline" ? "offline" : "failed";
}
