/** The logs that devices send: a whole one that was asked for, and lines as they come. */
import type { z } from "zod";
import {
  isWarning,
  type LogLine,
  largestLog,
  largestUpload,
  lineReader,
  logLinesType,
  longestLine,
  readLines,
  uploadTime,
  wholeLogType,
  writtenLines,
} from "#core/device/log.ts";
import type { streamedLines } from "#core/messages/device-logs.ts";
import type { CommandId } from "#core/messages/values.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import {
  addToLog,
  dropLog,
  type LogSize,
  logObject,
  logOfDay,
  logRequest,
  saveAskedLog,
} from "#db/queries/device-logs.ts";
import type { Holding } from "../claiming/certify.ts";
import { holdingBy, notOurs } from "../claiming/device.ts";
import type { Env } from "../env.ts";
import { mediaType, readAtMost, readStream } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { log } from "../log.ts";

const sizeOf = (lines: readonly LogLine[], text: string): LogSize => ({
  lines: lines.length,
  warnings: lines.filter(isWarning).length,
  octets: new TextEncoder().encode(text).length,
});
const ofHolder = (env: Env, { holder }: Holding) => organisationDb(connectDb(env), holder);

/** PUT /device/logs/{commandId}: the log that this command asked for, packed. The same one again is answered the same. */
export async function answerUpload(env: Env, request: Request, id: CommandId, now: number): Promise<Response> {
  const held = await holdingBy(env, request, now);
  if (!held) return notOurs();
  const db = ofHolder(env, held);
  const asked = await logRequest(db, held.device, id);
  if (!asked || now >= asked.askedAt + uploadTime) return problem(409, "not-asked", "Nobody waits for this log.");
  if (mediaType(request) !== wholeLogType) return problem(415, "not-gzip", `A log is uploaded as ${wholeLogType}.`);
  const packed = await readAtMost(request, largestUpload);
  const text = packed && (await unpacked(packed));
  if (text === undefined) return problem(413, "too-large", "At most 256 KiB are taken here, and 1 MiB unpacked.");
  if (text === "damaged") return problem(400, "not-gzip", "The body can't be unpacked.");
  const { lines, dropped } = readLines(text.lines);
  const kept = writtenLines(lines);
  const size = sizeOf(lines, kept);
  const done = new Response(null, { status: 204 });
  if (!(await saveAskedLog(db, held.device, id, size, new Date(now)))) return done;
  try {
    await env.LOGS.put(logObject(held.holder, held.device, id), kept);
  } catch (error) {
    await dropLog(db, id);
    throw error;
  }
  log("log uploaded", { deviceId: held.device, lines: size.lines, dropped });
  await env.SWITCHBOARD.getByName(held.holder).devicesChanged([{ deviceId: held.device, door: false }]);
  return done;
}

/** Undefined: it is too large. */
async function unpacked(octets: Uint8Array<ArrayBuffer>): Promise<{ lines: string } | "damaged" | undefined> {
  try {
    const whole = await readStream(
      new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip")),
      largestLog,
    );
    return whole && { lines: new TextDecoder().decode(whole) };
  } catch {
    return "damaged";
  }
}

/** What came is kept after this time at the latest. Milliseconds. */
const keptWithin = 5_000;
/** Octets that are kept at once. */
const batchSize = 64 * 1024;

/** POST /device/log: lines as they come, for as long as the device likes. 429 where the day's log is full. */
export async function answerStream(
  env: Env,
  request: Request,
  now: number,
): Promise<z.input<typeof streamedLines> | Response> {
  const held = await holdingBy(env, request, now);
  if (!held) return notOurs();
  if (mediaType(request) !== logLinesType) return problem(415, "not-ndjson", `Lines are sent as ${logLinesType}.`);
  const read = lineReader();
  let kept = 0;
  let dropped = 0;
  for await (const batch of batches(request.body ?? new Blob([]).stream())) {
    if (batch === "too-long") return problem(413, "too-long", `A line is at most ${longestLine} octets.`);
    const { lines, dropped: others } = read(batch);
    dropped += others;
    if (lines.length === 0) continue;
    if (!(await keep(env, held, lines, Date.now()))) return full(Date.now());
    kept += lines.length;
  }
  return { kept, dropped };
}

function full(now: number): Response {
  const day = 24 * 60 * 60_000;
  const tomorrow = Math.ceil((day - (now % day)) / 1_000);
  return problem(429, "log-full", "No more is kept of this device's log today.", { "retry-after": String(tomorrow) });
}

/** Whole lines, as soon as they are many or have waited. Who is cut off has said what it said until then. */
async function* batches(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let next = reader.read();
  let due = Date.now() + keptWithin;
  for (let over = false; !over; ) {
    const patience = Promise.withResolvers<"waited">();
    const timer = setTimeout(patience.resolve, Math.max(0, due - Date.now()), "waited");
    const got = await Promise.race([next.catch(() => ({ done: true, value: undefined })), patience.promise]);
    clearTimeout(timer);
    if (got !== "waited") {
      text += got.value ?? "";
      over = got.done;
      if (!over) next = reader.read();
      if (!over && text.length < batchSize && Date.now() < due) continue;
    }
    due = Date.now() + keptWithin;
    const end = text.lastIndexOf("\n") + 1;
    if (text.length - end > longestLine) return yield "too-long";
    if (end > 0) yield text.slice(0, end);
    text = text.slice(end);
  }
  if (text !== "") yield text;
}

/** Adds lines to the device's log of the day. @returns false where that is full */
async function keep(env: Env, held: Holding, lines: readonly LogLine[], now: number): Promise<boolean> {
  const db = ofHolder(env, held);
  const text = writtenLines(lines);
  const size = sizeOf(lines, text);
  const { id } = await logOfDay(db, held.device, new Date(now));
  const object = logObject(held.holder, held.device, id);
  // Two connections of one device may add at the same moment: who was slower adds to what is there then.
  for (;;) {
    const before = await env.LOGS.get(object);
    const known = (await before?.text()) ?? "";
    if ((before?.size ?? 0) + size.octets > largestLog) return false;
    const unchanged = new Headers(before ? { "if-match": before.httpEtag } : { "if-none-match": "*" });
    if (await env.LOGS.put(object, known + text, { onlyIf: unchanged })) break;
  }
  await addToLog(db, id, size, new Date(now));
  return true;
}
