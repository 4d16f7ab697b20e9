/** Round every request: an identifier, the origin's check, an error's form, the headers and one line in the log. */
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { log, reasonOf } from "../log.ts";
import { isForeign } from "./origin.ts";
import { problem } from "./problem.ts";
import { secured } from "./security.ts";

export const finish: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  const started = Date.now();
  const requestId = crypto.randomUUID();
  const { env, req } = context;
  if (isForeign(req.raw, env.PUBLIC_ORIGIN)) {
    context.res = problem(403, "wrong-origin", "This may be asked from the portal's own pages only.");
  } else {
    await next();
  }
  context.res = secured(context.res, requestId, env.PUBLIC_ORIGIN.startsWith("https:"));
  log("request", {
    requestId,
    method: req.method,
    // The route and not the address: no token and no name gets into the log.
    route: req.routePath,
    status: context.res.status,
    ms: Date.now() - started,
  });
};

/** What nobody expected. The reason is for the log alone. */
export function unexpected(error: Error): Response {
  log("request failed", { reason: reasonOf(error) });
  return problem(500, "internal", "Something went wrong here. Please try again.");
}
