/** Where the played cloud takes a device's log, and whether the device sends it as it is asked and says at once what goes wrong. */
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { type LogLine, largestLog, logLinesType, readLines, wholeLogType, withoutSecrets } from "#core/device/log.ts";
import { problem } from "../../../workers/http/problem.ts";
import type { PlayedBroker } from "./broker.ts";
import { outcomeOf } from "./commands.ts";
import type { Played } from "./played.ts";
import type { Steps } from "./steps.ts";

/** How many lines the device is asked for. */
const asked = 20;

export interface PlayedLogs {
  /** PUT /device/logs/{commandId} */
  upload(commandId: string, type: string | undefined, body: Uint8Array): Response;
  /** POST /device/log: tells of the lines as they come. */
  stream(type: string | undefined, request: IncomingMessage): Promise<Response>;
}

export function playLogs({ judge, seen }: Pick<Played, "judge" | "seen">): PlayedLogs {
  function take(text: string): { lines: LogLine[]; dropped: number } {
    const read = readLines(text);
    if (read.dropped > 0) judge.wrong("logs", `Its log has lines that are not in the protocol (${read.dropped}).`);
    if (withoutSecrets(text) !== text)
      judge.wrong("logs", "What looks like a password, a key, a token or a claim code stands in its log.");
    return read;
  }

  return {
    upload(commandId, type, body) {
      if (type !== wholeLogType) {
        judge.wrong("logs", `It sends its log as ${type ?? "nothing"}, not as ${wholeLogType}.`);
        return problem(415, "not-gzip", `A log is uploaded as ${wholeLogType}.`);
      }
      try {
        const { lines } = take(gunzipSync(body, { maxOutputLength: largestLog }).toString());
        seen.tell({ what: "uploaded", commandId, lines });
        return new Response(null, { status: 204 });
      } catch {
        judge.wrong("logs", "Its log can't be unpacked, or is larger than it may be.");
        return problem(400, "not-gzip", "The body can't be unpacked.");
      }
    },
    async stream(type, request) {
      if (type !== logLinesType) {
        judge.wrong("logs", `It says lines of its log as ${type ?? "nothing"}, not as ${logLinesType}.`);
        return problem(415, "not-ndjson", `Lines are sent as ${logLinesType}.`);
      }
      const sum = { kept: 0, dropped: 0 };
      const say = (text: string) => {
        const { lines, dropped } = take(text);
        sum.kept += lines.length;
        sum.dropped += dropped;
        if (lines.length > 0) seen.tell({ what: "streamed", lines });
      };
      let rest = "";
      for await (const part of request.setEncoding("utf8")) {
        rest += part;
        const end = rest.lastIndexOf("\n") + 1;
        say(rest.slice(0, end));
        rest = rest.slice(end);
      }
      say(rest);
      return Response.json(sum);
    },
  };
}

/** @returns the newest line of its log */
export async function judgeLogs(
  { played, patience }: Omit<Steps, "ask">,
  broker: PlayedBroker,
): Promise<LogLine | undefined> {
  const { seen, judge } = played;
  const from = seen.count;
  const command = broker.command({ do: "upload-log", lines: asked });
  const result = await outcomeOf(played, command, from, patience.device);
  const sent = await seen.next("uploaded", 0, ({ commandId }) => commandId === command, from);
  judge.judge(
    "logs",
    result === "done" && sent !== undefined,
    "It sends its log when it is asked for it, and says so once it is there.",
    `It answers "${result ?? "nothing"}" to upload-log, and ${sent ? "has sent it" : "no log came"}.`,
  );
  if (sent)
    judge.judge(
      "logs",
      sent.lines.length > 0 && sent.lines.length <= asked,
      "It sends as many lines as it is asked for, and no more.",
      `It sends ${sent.lines.length} lines, where its newest ${asked} were asked for.`,
    );
  if (await seen.next("streamed", patience.device)) judge.fits("logs", "It says at once what goes wrong.");
  else judge.notSeen("logs", "It has not said at once (/device/log) what went wrong: its connections were cut.");
  return sent?.lines.at(-1);
}
