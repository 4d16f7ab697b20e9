/**
 * The station's log on its disk: what happened, in two files of which the older makes room. It outlives a power cut, so that
 * what led to one can be asked for afterwards. No secret stands in it: the code on the label is left out, and whatever else
 * looks like one.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type LogLevel, type LogLine, readLines, withoutSecrets, writtenLines } from "#core/device/log.ts";
import { type StationEvent, sentence } from "./events.ts";

export interface StationLog {
  keep(event: StationEvent): void;
  /** The newest lines, in the order they came. */
  newest(count: number): LogLine[];
  /** Tells each line as it comes. @returns what ends it */
  follow(hear: (line: LogLine) => void): () => void;
  /** The station is another's from now on: what was before is not for them. */
  forget(): void;
}

/** Octets of one of the two files. */
const largestFile = 256 * 1024;

/** What in a talk comes every second, and says nothing of the station. */
const passing: ReadonlySet<StationEvent["event"]> = new Set(["heard-tone", "picture-code", "digit"]);

function levelOf(event: StationEvent): LogLevel {
  switch (event.event) {
    case "failed":
      return "error";
    case "cloud-away":
    case "refused":
    case "reset":
    case "disconnected":
    case "output-refused":
    case "time-refused":
    case "camera-keys-lost":
      return "warn";
    case "tamper":
      return event.lasts ? "warn" : "info";
    case "camera":
      return event.answers ? "info" : "warn";
    case "started":
      return event.mode === "normal" || event.mode === "trial" ? "info" : "warn";
    case "updating":
      return event.phase === "failed" || event.phase === "fell-back" ? "warn" : "info";
    default:
      return "info";
  }
}

function textOf(event: StationEvent): string | undefined {
  if (event.event === "unclaimed") return sentence({ ...event, code: "" });
  return sentence(event) ?? (event.event === "started" ? `Started ${event.firmware}.` : undefined);
}

/** @param path of the newer file; the older lies beside it; @param now milliseconds since the epoch */
export function openLog(path: string, now: () => number): StationLog {
  const older = `${path}.1`;
  const listeners = new Set<(line: LogLine) => void>();
  mkdirSync(dirname(path), { recursive: true });
  const textIn = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  // A power cut may have left half a line: what comes next is not to be lost with it.
  if (!/(^|\n)$/.test(textIn(path))) appendFileSync(path, "\n");
  let size = existsSync(path) ? statSync(path).size : 0;
  return {
    keep(event) {
      const text = passing.has(event.event) ? undefined : textOf(event);
      if (text === undefined) return;
      const line = { at: now(), level: levelOf(event), text: withoutSecrets(text) };
      const written = writtenLines([line]);
      try {
        if (size > largestFile) {
          renameSync(path, older);
          size = 0;
        }
        appendFileSync(path, written);
        size += Buffer.byteLength(written);
      } catch {
        // A disk that is full stops no call.
      }
      for (const hear of listeners) hear(line);
    },
    newest: (count) => readLines(textIn(older) + textIn(path)).lines.slice(-count),
    follow(hear) {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
    forget() {
      for (const file of [older, path]) rmSync(file, { force: true });
      size = 0;
    },
  };
}
