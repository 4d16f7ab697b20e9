/** The arrows of the house: who may import whom. ARCHITECTURE.md says why. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Import, importsOf, sourceFiles } from "./imports.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = [
  "core",
  "db",
  "workers",
  "functions",
  "media-nodes",
  "firmware-cdn",
  "portal",
  "station",
  "docs",
  "tests",
];
const imports = folders.flatMap((folder) => sourceFiles(root, folder)).flatMap((file) => importsOf(root, file));
const ours = imports.filter((one): one is Import & { to: string } => one.to !== undefined);

/** Tests and what only they use may reach further. */
const product = ours.filter(({ from }) => !/\.test\.tsx?$|\/testing\/|(^|\/)vitest\.config\.ts$/.test(from));

const broken = (from: RegExp, allowed: RegExp) =>
  product.filter((one) => from.test(one.from) && !allowed.test(one.to)).map((one) => `${one.from} imports ${one.to}`);

describe("the arrows", () => {
  test("there is something to check", () => {
    expect(ours.length).toBeGreaterThan(50);
  });

  test.each([
    ["core knows none of us", /^core\//, /^core\//],
    ["db knows core", /^db\//, /^(db|core)\//],
    ["workers know core, db and the firmware", /^workers\//, /^(workers|core|db|firmware-cdn|functions)\//],
    ["functions know core and db", /^functions\//, /^(functions|core|db)\//],
    ["the documents know core, and what media nodes listen for", /^docs\//, /^(docs|core|media-nodes)\//],
    ["publishing firmware knows core", /^firmware-cdn\//, /^(firmware-cdn|core)\//],
    ["media nodes know the edge by its messages", /^media-nodes\//, /^(media-nodes|core)\//],
    ["the portal knows the edge by its messages", /^portal\//, /^(portal|core)\//],
    [
      "the station has the gateway's SIP and media",
      /^station\//,
      /^(station|core|media-nodes\/sip-gateway\/(sip|media))\//,
    ],
  ])("%s", (_name, from, allowed) => {
    expect(broken(from, allowed)).toEqual([]);
  });

  test("workers/index.ts alone imports functions", () => {
    expect(broken(/^workers\/(?!index\.ts$)/, /^(?!functions\/)/)).toEqual([]);
  });

  test("the supervisor starts the parts and imports none", () => {
    expect(
      broken(/^media-nodes\/supervisor\//, /^(core|media-nodes\/(supervisor|pki))\/|^media-nodes\/mail\/mail\.ts$/),
    ).toEqual([]);
  });

  test("every path leads to a file", () => {
    const lost = ours.filter(({ to }) => !existsSync(join(root, to)) && !to.endsWith(".gen.ts"));
    expect(lost.map((one) => `${one.from} imports ${one.specifier}`)).toEqual([]);
  });

  test("no file imports itself by way of others", () => {
    const next = Map.groupBy(
      ours.filter((one) => !one.typeOnly),
      (one) => one.from,
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, way: string[]) => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
      if (way.includes(file) || done.has(file)) return;
      for (const { to } of next.get(file) ?? []) walk(to, [...way, file]);
      done.add(file);
    };
    for (const file of next.keys()) walk(file, []);
    expect(circles).toEqual([]);
  });
});
