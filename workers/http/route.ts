/** A route says on one line who may call it, and with schemas what goes in and comes out. What they say is checked and documented. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type Action, may } from "#core/access/permissions.ts";
import { problem as problemBody } from "#core/messages/portal-api.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { type Identity, identityOf } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { badRequest } from "./bad-request.ts";
import { readJson } from "./json-body.ts";
import { problem } from "./problem.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/**
 * `signed-in`: anyone with a session. An action: who may do it by `core/access`. `public`: anyone. `bearer`: the handler
 * checks a token or a signature of its own, with no session.
 */
export type Allow = Action | "signed-in" | "public" | "bearer";

export interface Asked<Params, Query, Taken> {
  env: Env;
  request: Request;
  params: Params;
  query: Query;
  /** What was sent, as `takes` says. */
  body: Taken;
  now: number;
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
  /** What is sent: for the document alone, the handler reads it itself. */
  sends?: z.ZodType;
  /** What comes back as JSON. Without it the handler answers by itself. */
  answer?: Body;
}

type Answer<Body extends z.ZodType> = z.input<Body> | Response;

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
  handler: (
    asked: Asked<z.output<Params>, z.output<Query>, z.output<Taken>> & { identity: Identity; db: OrganisationDb },
  ) => Promise<Answer<Body>>,
): Route {
  return make(method, path, allow, about, async (asked) => {
    const identity = await identityOf(asked.env, asked.request, asked.now);
    if (!identity) return problem(401, "signed-out", "Please sign in.");
    if (allow !== "signed-in" && !may(identity.role, allow))
      return problem(403, "not-allowed", "You are not allowed to do this.");
    return handler({ ...asked, identity, db: organisationDb(connectDb(asked.env), identity.organisationId) });
  });
}

/** A route without a session: for everyone, or for who shows a token or a signature that the handler checks. */
export function openRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Taken extends z.ZodType,
>(
  method: Method,
  path: string,
  allow: "public" | "bearer",
  about: Described<Params, Query, Body, Taken>,
  handler: (asked: Asked<z.output<Params>, z.output<Query>, z.output<Taken>>) => Promise<Answer<Body>>,
): Route {
  return make(method, path, allow, about, handler);
}

function make<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType, Taken extends z.ZodType>(
  method: Method,
  path: string,
  allow: Allow,
  about: Described<Params, Query, Body, Taken>,
  handler: (asked: Asked<z.output<Params>, z.output<Query>, z.output<Taken>>) => Promise<Answer<Body>>,
): Route {
  const answer = async (context: Context<{ Bindings: Env }>): Promise<Response> => {
    const given = { params: context.req.param(), query: context.req.query() };
    const params = (about.params ?? none).safeParse(given.params);
    // What names a thing that can't exist names nothing: 404, not 400.
    if (!params.success) return problem(404, "not-found", "There is nothing at this address.");
    const query = (about.query ?? none).safeParse(given.query);
    if (!query.success) return badRequest(query.error);
    const body = about.takes ? await readJson(context.req.raw, about.takes) : undefined;
    if (body instanceof Response) return body;
    const found = await handler({
      env: context.env,
      request: context.req.raw,
      params: params.data as z.output<Params>,
      query: query.data as z.output<Query>,
      body: body as z.output<Taken>,
      now: Date.now(),
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
  const session = allow !== "public" && allow !== "bearer";
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
