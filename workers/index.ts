/** The edge: what it answers, put together. The routes of each room are on a page of their own, with who may call them. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { health } from "#core/messages/portal-api.ts";
import { beginDueRollouts } from "../functions/firmware-rollouts.ts";
import { renewTimestamp } from "../functions/firmware-timestamp.ts";
import { cleanUp } from "../functions/retention.ts";
import { currentList, rootList, signDueLists } from "../functions/revocation-lists.ts";
import { answerList, listFile, rootListName } from "./crl/serve.ts";
import { watchForAMinute } from "./devices/watching.ts";
import type { Env } from "./env.ts";
import { moveRollouts } from "./firmware/moving.ts";
import { finish, unexpected } from "./http/finish.ts";
import { answerPortalFile } from "./http/portal-files.ts";
import { problem } from "./http/problem.ts";
import { openRoute, type Route } from "./http/route.ts";
import { log } from "./log.ts";
import { answerMetrics } from "./metrics.ts";
import { answerHealth } from "./portal-api/health.ts";
import { authRoutes } from "./routes/auth.ts";
import { claimingRoutes } from "./routes/claiming.ts";
import { deviceLogRoutes } from "./routes/device-logs.ts";
import { firmwareRoutes } from "./routes/firmware.ts";
import { mediaNodeRoutes } from "./routes/media-node.ts";
import { peopleRoutes } from "./routes/people.ts";
import { portalRoutes } from "./routes/portal.ts";
import { rolloutRoutes } from "./routes/rollouts.ts";
import { teamRoutes } from "./routes/teams.ts";
import { transferRoutes } from "./routes/transfers.ts";

export { CallSession } from "./calls/call-session.ts";
export { MediaNodeLink } from "./calls/media-node-link.ts";
export { Switchboard } from "./calls/switchboard.ts";
export { DeviceLink } from "./devices/device-link.ts";

export const routes: Route[] = [
  openRoute("get", "/health", "public", { summary: "Whether the parts are well", answer: health }, ({ env }) =>
    answerHealth(env),
  ),
  openRoute(
    "get",
    "/metrics",
    "bearer",
    { summary: "Counts for a monitoring system, by the media nodes' token" },
    ({ env, request }) => answerMetrics(env, request),
  ),
  openRoute("get", "/api/openapi.json", "public", { summary: "This document" }, async () => Response.json(document())),
  openRoute(
    "get",
    "/crl/{list}",
    "public",
    { summary: "A part of the revocation list", params: z.object({ list: listFile }) },
    async ({ env, params: { list }, now }) =>
      answerList(list === rootListName ? rootList(env) : await currentList(env, list, now)),
  ),
  ...authRoutes,
  ...portalRoutes,
  ...peopleRoutes,
  ...teamRoutes,
  ...claimingRoutes,
  ...transferRoutes,
  ...mediaNodeRoutes,
  ...deviceLogRoutes,
  ...firmwareRoutes,
  ...rolloutRoutes,
];

const app = new OpenAPIHono<{ Bindings: Env }>();
app.use(finish);
for (const one of routes) one.mount(app);
app.openAPIRegistry.registerComponent("securitySchemes", "session", {
  type: "apiKey",
  in: "cookie",
  name: "symphony.session_token",
});

const document = () =>
  app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Symphony Cloud", version: "1", description: "The API that the portal uses." },
  });

/** An address that is there but does not know the method: 405 names those it knows. */
for (const path of new Set(routes.map((one) => one.path))) {
  const methods = routes.filter((one) => one.path === path).map((one) => one.method.toUpperCase());
  app.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), () =>
    problem(405, "method-not-allowed", `Here one may ${methods.join(" or ")}.`, { allow: methods.join(", ") }),
  );
}
const nothing = () => problem(404, "not-found", "There is nothing at this address.");
/** Not `/firmware` itself, nor what is below it otherwise: those are pages of the portal. */
const firmware = ["metadata", "targets", "images"].map((kind) => `/firmware/${kind}/*`);
for (const below of ["/api/*", "/media-node/*", ...firmware, "/health/*"]) app.all(below, nothing);
app.get("*", ({ env, req }) => answerPortalFile(env, req.raw));
app.onError(unexpected);
app.notFound(nothing);

/** What a person must see to. */
const alarm = (sentence: string) => log("alarm", { sentence });

/** As in wrangler.toml; what else is there fires once an hour. */
const everyMinute = "* * * * *";

export default {
  fetch: app.fetch,
  scheduled: ({ cron }, env, context) => {
    if (cron === everyMinute) {
      context.waitUntil(moveRollouts(env, Date.now()));
      context.waitUntil(watchForAMinute(env));
      return;
    }
    context.waitUntil(cleanUp(env, Date.now()));
    context.waitUntil(signDueLists(env, Date.now(), alarm));
    context.waitUntil(renewTimestamp(env, Date.now(), alarm));
    context.waitUntil(beginDueRollouts(env, Date.now()));
  },
} satisfies ExportedHandler<Env>;
