import { expect, it } from "vitest";
import { de } from "./de.ts";
import { en } from "./en.ts";

/** Every text under its dotted key. */
function texts(part: object, path = ""): [key: string, text: string][] {
  return Object.entries(part).flatMap(([key, value]: [string, unknown]) => {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "string") return [[here, value]];
    return typeof value === "object" && value !== null ? texts(value, here) : [];
  });
}
const parameters = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

const english = new Map(texts(en));
const german = new Map(texts(de));

it("has the same texts in English and German", () => {
  expect(english.size).toBeGreaterThan(300);
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
});

it("leaves no text empty", () => {
  expect([...english, ...german].filter(([, text]) => text.trim() === "")).toEqual([]);
});

it("fills the same blanks in English and German", () => {
  const different = [...english].filter(
    ([key, text]) => `${parameters(text)}` !== `${parameters(german.get(key) ?? "")}`,
  );
  expect(different).toEqual([]);
});

it("never shouts, begs or blames", () => {
  expect([...english, ...german].filter(([, text]) => /[!]|\bplease\b|\bbitte\b|\boops\b/i.test(text))).toEqual([]);
});
