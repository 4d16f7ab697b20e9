/** What docs/device.md says is what the code does. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { claimCode } from "#core/device/claim-code.ts";
import { filled } from "../../docs/device.ts";
import { sections } from "../conformance/findings.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const document = read("docs/device.md");

test("the kit names the document's sections", () => {
  const headings = [...document.matchAll(/^## \d+\. (.+)$/gm)].map(([, heading]) => heading);
  expect(Object.values(sections)).toEqual(headings);
});

test("topics, messages, ports and limits are those of the code: `npm run docs` changes nothing", () => {
  expect(filled(document)).toBe(document);
});

test("a message that the code doesn't know stops the making of the document", () => {
  expect(() => filled(`${document}\n<!-- from the code: something else -->\n<!-- end -->`)).toThrow("something else");
});

test("the claim code that it shows is one, by the rule that it states", () => {
  const [, shown] = /as `([0-9A-Z-]{19})`/.exec(document) ?? [];
  expect(claimCode.safeParse(shown).success).toBe(true);
});

/** What a device or its maker may ask, as the routes have it: by certificate, and EST and firmware also without one. */
const routes = ["claiming", "device-logs", "firmware"].flatMap((room) =>
  [
    ...read(`workers/routes/${room}.ts`).matchAll(
      /openRoute\(\s*"(get|post|put)",\s*"([^"]+)",\s*"(?:certificate|public)"/g,
    ),
  ].map(([, method = "", path = ""]) => `${method.toUpperCase()} ${path}`),
);

test("every address that a device may ask is in the table, and no other", () => {
  expect(routes.length).toBeGreaterThan(8);
  const said = [...document.matchAll(/^\| `((?:GET|POST|PUT) \/[^`]+)`/gm)].map(([, address]) => address);
  expect(said.sort()).toEqual(routes.sort());
});
