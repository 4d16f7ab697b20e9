/** A route says on one line who may call it, and with schemas what goes in and comes out. What they say is checked and documented. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type Action, may } from "#core/access/permissions.ts";
import { problem as problemBody } from "#core/messages/portal-api.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { type Identity, identityOf, type Person, personOf } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { badRequest } from "./bad-request.ts";
import { isMediaNode } from "./bearer.ts";
import { readJson } from "./json-body.ts";
import { problem } from "./problem.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/**
 * `signed-in`: anyone with a session. An action: who may do it by `core/access`. `public`: anyone. `bearer`: the handler
 * checks a token or a signature of its own, with no session. `certificate`: the handler asks whose client certificate came
 * over the media node's TLS front.
 */
export type Open = "public" | "bearer" | "certificate";
export type Allow = Action | "signed-in" | Open;

export const isOpen = (allow: Allow): allow is Open =>
  allow === "public" || allow === "bearer" || allow === "certificate";

interface Asking {
  env: Env;
  request: Request;
  now: number;
}

export interface Asked<Params, Query, Taken> extends Asking {
  params: Params;
  query: Query;
  /** What was sent, as `takes` says. */
  body: Taken;
}

interface Described<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
> {
  summary: string;
  params?: Params;
  query?: Query;
  /** What is sent as JSON: read, checked and handed on. */
  takes?: Taken;
  /** Octets of that, where it may be more than a device's configuration. */
  largest?: number;
  /** What is sent: for the document alone, the handler reads it itself. */
  sends?: z.ZodType;
  /** What comes back as JSON. Without it the handler answers by itself. */
  answer?: Body;
}

type Answer<Body extends z.ZodType> = z.input<Body> | Response;

type Handler<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
  Admitted,
> = (asked: Asked<z.output<Params>, z.output<Query>, z.output<Taken>> & Admitted) => Promise<Answer<Body>>;

export interface Route {
  method: Method;
  path: string;
  allow: Allow;
  mount(app: OpenAPIHono<{ Bindings: Env }>): void;
}

const none = z.object({});

/** A route for someone signed in: the handler learns who, and reaches the rows of the organisation they work in. */
export function route<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
>(
  method: Method,
  path: string,
  allow: Action | "signed-in",
  about: Described<Params, Query, Body, Taken>,
  handler: Handler<Params, Query, Body, Taken, { identity: Identity; db: OrganisationDb }>,
): Route {
  return make(method, path, allow, about, handler, async ({ env, request, now }) => {
    const identity = await identityOf(env, request, now);
    if (!identity) return (await personOf(env, request, now)) ? withoutOrganisation() : signedOut();
    if (allow !== "signed-in" && !may(identity.role, allow))
      return problem(403, "not-allowed", "You are not allowed to do this.");
    return { identity, db: organisationDb(connectDb(env), identity.organisationId) };
  });
}

/** A route for anyone with a session, also for who belongs to no organisation. */
export function personRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
>(
  method: Method,
  path: string,
  about: Described<Params, Query, Body, Taken>,
  handler: Handler<Params, Query, Body, Taken, { person: Person }>,
): Route {
  return make(method, path, "signed-in", about, handler, async ({ env, request, now }) => {
    const person = await personOf(env, request, now);
    return person ? { person } : signedOut();
  });
}

/** A route without a session: for everyone, or for who shows a token, a signature or a certificate that the handler checks. */
export function openRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
>(
  method: Method,
  path: string,
  allow: Open,
  about: Described<Params, Query, Body, Taken>,
  handler: Handler<Params, Query, Body, Taken, object>,
): Route {
  return make(method, path, allow, about, handler, async () => ({}));
}

/** A route for media nodes of ours, by their token. */
export function mediaNodeRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
>(
  method: Method,
  path: string,
  about: Described<Params, Query, Body, Taken>,
  handler: Handler<Params, Query, Body, Taken, object>,
): Route {
  return make(method, path, "bearer", about, handler, async ({ env, request }) =>
    (await isMediaNode(env, request)) ? {} : problem(401, "bad-token", "This is no media node of ours."),
  );
}

const signedOut = () => problem(401, "signed-out", "Please sign in.");
const withoutOrganisation = () => problem(403, "no-organisation", "You belong to no organisation.");

/** @param admit who asks, or the refusal; before anything of what they send is looked at */
function make<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
  Admitted extends object,
>(
  method: Method,
  path: string,
  allow: Allow,
  about: Described<Params, Query, Body, Taken>,
  handler: Handler<Params, Query, Body, Taken, Admitted>,
  admit: (asking: Asking) => Promise<Admitted | Response>,
): Route {
  const answer = async (context: Context<{ Bindings: Env }>): Promise<Response> => {
    const asking = { env: context.env, request: context.req.raw, now: Date.now() };
    const admitted = await admit(asking);
    if (admitted instanceof Response) return admitted;
    const given = { params: context.req.param(), query: context.req.query() };
    const params = (about.params ?? none).safeParse(given.params);
    // What names a thing that can't exist names nothing: 404, not 400.
    if (!params.success) return problem(404, "not-found", "There is nothing at this address.");
    const query = (about.query ?? none).safeParse(given.query);
    if (!query.success) return badRequest(query.error);
    const body = about.takes ? await readJson(context.req.raw, about.takes, about.largest) : undefined;
    if (body instanceof Response) return body;
    const found = await handler({
      ...asking,
      ...admitted,
      params: params.data as z.output<Params>,
      query: query.data as z.output<Query>,
      body: body as z.output<Taken>,
    });
    return found instanceof Response ? found : Response.json(found);
  };
  return {
    method,
    path,
    allow,
    mount(app) {
      app.openAPIRegistry.registerPath(documented(method, path, allow, about));
      app.on(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ":$1"), answer);
    },
  };
}

function documented(
  method: Method,
  path: string,
  allow: Allow,
  about: Described<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>,
): ReturnType<typeof createRoute> {
  const refusal = (description: string) => ({
    description,
    content: { "application/problem+json": { schema: problemBody } },
  });
  const session = !isOpen(allow);
  return createRoute({
    method,
    path,
    summary: about.summary,
    ...(session ? { security: [{ session: [] }] } : {}),
    ...(session && allow !== "signed-in" ? { description: `For who may \`${allow}\`.` } : {}),
    request: {
      ...(about.params ? { params: about.params } : {}),
      ...(about.query ? { query: about.query } : {}),
      ...(about.takes ? { body: { content: { "application/json": { schema: about.takes } } } } : {}),
      ...(about.sends ? { body: { content: { "application/json": { schema: about.sends } } } } : {}),
    },
    responses: {
      200: {
        description: about.summary,
        ...(about.answer ? { content: { "application/json": { schema: about.answer } } } : {}),
      },
      ...(session ? { 401: refusal("Nobody is signed in.") } : {}),
      ...(session && allow !== "signed-in" ? { 403: refusal("The person's role does not allow it.") } : {}),
      default: refusal("Anything else that went wrong."),
    },
  });
}
