/** What somebody sends as JSON, checked. */
import type { z } from "zod";
import { badRequest } from "./bad-request.ts";
import { mediaType, readAtMost } from "./body.ts";
import { problem } from "./problem.ts";

/** Octets. A device's configuration is no larger. */
const usual = 64 * 1024;

/** The parsed body; or, where it can't be taken, what to answer. @param largest octets */
export async function readJson<T extends z.ZodType>(
  request: Request,
  schema: T,
  largest = usual,
): Promise<z.output<T> | Response> {
  if (mediaType(request) !== "application/json")
    return problem(415, "not-json", "This address takes application/json.");
  const octets = await readAtMost(request, largest);
  if (!octets) return problem(413, "too-large", `At most ${largest / 1024} KiB are taken here.`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(octets));
  } catch {
    return problem(400, "bad-json", "The body is not JSON.");
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : badRequest(parsed.error);
}
