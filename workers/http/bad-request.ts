/** What zod found wrong, as an answer. */
import type { z } from "zod";
import { problem } from "./problem.ts";

/** 400 with the first thing that is wrong, in words; never the value itself. */
export function badRequest(error: z.ZodError): Response {
  const issue = error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return problem(400, "bad-request", `${where}${issue?.message ?? "This is not understood."}`);
}
