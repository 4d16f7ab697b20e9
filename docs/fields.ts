/** A message's schema as tables that a person implements from: a row a field, with what it may hold and what it means. */
import { z } from "zod";

type Shape = z.core.JSONSchema.BaseSchema;
type Row = [field: string, holds: string, means: string];

/** As it is sent. */
const shapeOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

const isShape = (one: unknown): one is Shape => typeof one === "object" && one !== null;
const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;

/** "a, b or c" */
const either = (all: readonly string[]): string =>
  all.length < 2 ? all.join() : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;

/** "1 to 200", "0 or more"; undefined where there are no bounds. */
function span(least: number | undefined, most: number | undefined): string | undefined {
  const from = least === Number.MIN_SAFE_INTEGER ? undefined : least;
  const to = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  if (from === undefined) return to === undefined ? undefined : `at most ${to}`;
  return to === undefined ? `${from} or more` : `${from} to ${to}`;
}

const joined = (...parts: (string | undefined)[]) => parts.filter((part) => part !== undefined).join(", ");

function holds(shape: Shape): string {
  if (shape.const !== undefined) return code(JSON.stringify(shape.const));
  if (shape.enum) return either(shape.enum.map((one) => code(JSON.stringify(one))));
  switch (shape.type) {
    case "integer":
    case "number": {
      const above = shape.exclusiveMinimum;
      return joined(shape.type, span(typeof above === "number" ? above + 1 : shape.minimum, shape.maximum));
    }
    case "string": {
      if (shape.format === "uuid") return "UUID";
      const length = span(shape.minLength, shape.maxLength);
      const text = shape.format === "uri" ? "address" : "text";
      return joined(text, length && `${length} characters`, shape.pattern && code(shape.pattern));
    }
    case "array": {
      const inner = isShape(shape.items) && shape.items.type !== "object" ? ` of ${holds(shape.items)}` : "";
      return joined(`list${inner}`, span(shape.minItems, shape.maxItems));
    }
    case "object":
      return isShape(shape.propertyNames) ? `object, by ${holds(shape.propertyNames)}` : "object";
    case "boolean":
      return "boolean";
    default:
      throw new Error(`no words for ${JSON.stringify(shape)}`);
  }
}

/** The fields below one of this name, itself left out. */
function below(name: string, shape: Shape): Row[] {
  if (shape.oneOf) return shape.oneOf.flatMap((one) => alternative(name, one));
  if (shape.type === "array") return isShape(shape.items) ? below(`${name}[]`, shape.items) : [];
  const each = shape.additionalProperties;
  const named = Object.entries(shape.properties ?? {}).flatMap(([key, inner]) =>
    isShape(inner)
      ? rows(name ? `${name}.${key}` : key, inner, shape.required?.includes(key) !== true && each !== false)
      : [],
  );
  return isShape(each) ? [...named, ...below(`${name}.<…>`, each)] : named;
}

/** One of several: what tells it from the others is a fixed value. */
function alternative(name: string, shape: Shape): Row[] {
  const properties = Object.entries(shape.properties ?? {});
  const [key, told] = properties.find(([, one]) => isShape(one) && one.const !== undefined) ?? [];
  if (key === undefined || !isShape(told)) throw new Error(`no words for ${JSON.stringify(shape)}`);
  const others = { ...shape, properties: Object.fromEntries(properties.filter(([other]) => other !== key)) };
  const inner = below(name, others).map(
    ([field, what, means]): Row => [field, what, [`With ${holds(told)}.`, means].filter(Boolean).join(" ")],
  );
  return [[code(name ? `${name}.${key}` : key), holds(told), shape.description ?? ""], ...inner];
}

function rows(name: string, shape: Shape, optional: boolean): Row[] {
  const means = [optional ? "Optional." : "", shape.description ?? ""].filter((part) => part !== "").join(" ");
  const inner = below(name, shape);
  if (shape.oneOf) return [[code(name), "object, one of these", means], ...inner];
  return [[code(name), holds(shape), means], ...inner];
}

/** A Markdown table of what a message holds. */
export function fieldsOf(schema: z.ZodType): string {
  return table(["Field", "Holds", ""], below("", shapeOf(schema)));
}

/** What the schema says of itself. */
export const meaningOf = (schema: z.ZodType): string => shapeOf(schema).description ?? "";

export const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
