/** What the README says of settings and ports is what the start reads. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { partsOf } from "#media-nodes/supervisor/parts.ts";
import { secretsIn } from "#media-nodes/supervisor/secrets.ts";
import { deriveSettings, parseVariables, variableNames } from "#media-nodes/supervisor/settings.ts";
import { temporaryFolder } from "../support/folder.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const namesIn = (text: string) => [...text.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = ""]) => name);

/** The rows of the table of settings: each variable with the default it is said to have. */
const said = new Map(
  readme.split("\n").flatMap((line) => {
    const [, variables = "", defaults = ""] = line.split("|");
    const values = defaults.split(/, /).map((one) => one.trim().replaceAll("`", ""));
    return namesIn(variables).map((name, n): [string, string] => [name, values[n] ?? ""]);
  }),
);

test("the README names every setting", () => {
  expect(variableNames.filter((name) => !said.has(name))).toEqual([]);
});

test("the README gives the defaults that are taken", () => {
  const taken = Object.entries(parseVariables({})).map(([name, value]): [string, string] => [name, String(value)]);
  expect(taken.map(([name]) => [name, said.get(name)])).toEqual(taken);
});

test("the README names what is open to the outside, and only that", () => {
  const settings = deriveSettings(parseVariables({ PUBLIC_HOST: "192.0.2.7" }), "192.0.2.7", ["192.0.2.7"]);
  const needed = partsOf(settings, secretsIn(temporaryFolder("readme"), {})).flatMap(({ ports }) => ports);
  const outside = needed.filter(({ address }) => address !== "127.0.0.1").map(({ variable }) => variable);
  const table = /## Ports[\s\S]*?\n## /.exec(readme)?.[0] ?? "";
  expect(namesIn(table).sort()).toEqual([...outside, "SRTP_PORTS", "TURN_PORTS"].sort());
});
