/** Every route of the API's own document, asked with somebody else's ids. */
import { z } from "zod";

const schema = z.record(z.string(), z.unknown());
const operation = z.object({
  security: z.array(schema).optional(),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema })) }).optional(),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

export interface AskedRoute {
  method: string;
  /** With the ids filled in. */
  path: string;
  /** It names a thing: that thing is somebody else's. */
  named: boolean;
  /** A body as the document describes it, with the ids filled in. */
  body: unknown;
}

/** Ids by the name of a path's or a body's field. A path names nothing that is not among them; in a body `anything` stands for it. */
export interface Ids {
  [field: string]: string | undefined;
  anything: string;
}

/** The routes for who is signed in, but those by which they sign out or leave. */
export async function routesWith(origin: string, ids: Ids): Promise<AskedRoute[]> {
  const idOf = (path: string, field: string) => {
    const id = ids[field];
    if (id === undefined) throw new Error(`${path} names ${field}: say which of theirs`);
    return id;
  };
  const { paths } = document.parse(await (await fetch(`${origin}/api/openapi.json`)).json());
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security !== undefined && !path.startsWith("/api/auth/") && path !== "/api/leave")
      .map(([method, { requestBody }]) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{(\w+)\}/g, (_, field: string) => idOf(path, field)),
        named: path.includes("{"),
        body: sample(requestBody?.content["application/json"]?.schema, ids),
      })),
  );
}

/** Something of that JSON schema (draft 2020-12, as far as the document uses it), with what it requires and no more. */
function sample(of: unknown, ids: Ids, field = ""): unknown {
  const known = z
    .object({
      type: z.string().optional(),
      format: z.string().optional(),
      enum: z.array(z.unknown()).optional(),
      const: z.unknown().optional(),
      anyOf: z.array(z.unknown()).optional(),
      oneOf: z.array(z.unknown()).optional(),
      properties: schema.optional(),
      required: z.array(z.string()).optional(),
      items: z.unknown().optional(),
      minimum: z.number().optional(),
    })
    .safeParse(of).data;
  if (!known) return undefined;
  if (known.const !== undefined) return known.const;
  const one =
    known.enum ?? known.anyOf?.map((it) => sample(it, ids, field)) ?? known.oneOf?.map((it) => sample(it, ids, field));
  if (one) return one[0];
  switch (known.type) {
    case "object": {
      const { properties = {}, required = [] } = known;
      return Object.fromEntries(required.map((name) => [name, sample(properties[name], ids, name)]));
    }
    case "array":
      return [sample(known.items, ids, field)];
    case "number":
    case "integer":
      return known.minimum ?? 1;
    case "boolean":
      return true;
    default:
      return ids[field] ?? (known.format === "uuid" ? ids.anything : "something");
  }
}
