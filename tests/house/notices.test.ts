/** THIRD-PARTY-NOTICES.md against what is installed. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { z } from "zod";

const top = new URL("../../", import.meta.url);
const notices = readFileSync(new URL("THIRD-PARTY-NOTICES.md", top), "utf8");
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ license: z.string().optional(), dev: z.boolean().optional(), optional: z.boolean().optional() }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("package-lock.json", top), "utf8")));

/** They ask for no more than that their words go along, as they do in `node_modules`. */
const permissive = /^\(?(MIT|MIT-0|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|CC0-1\.0|[()\s]|OR)+\)?$/;

test("whatever has another licence than the permissive ones is named", () => {
  const unnamed = Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path !== "" && !dev && !optional)
    .filter(([, { license }]) => license === undefined || !permissive.test(license))
    .map(([path, { license }]) => ({ name: path.split("node_modules/").at(-1) ?? "", license }))
    .filter(({ name }) => !notices.includes(name));
  expect(unnamed).toEqual([]);
});

test("FFmpeg inside node-av is built as the notice says", () => {
  const line = notices.split("\n").find((one) => one.startsWith("| FFmpeg")) ?? "";
  const flags = [...line.matchAll(/`(--enable-[\w-]+)`/g)].map(([, flag = ""]) => flag);
  expect(flags).toContain("--enable-gpl");
  const program = createRequire(import.meta.url).resolve(`@seydx/node-av-${process.platform}-${process.arch}`);
  const binary = readFileSync(program);
  const at = binary.indexOf("--enable-gpl");
  const built = binary
    .subarray(binary.lastIndexOf(0, at) + 1, binary.indexOf(0, at))
    .toString("latin1")
    .split(" ");
  expect(built.length).toBeGreaterThan(10);
  expect(flags.filter((flag) => !built.includes(flag))).toEqual([]);
  expect(built).not.toContain("--enable-nonfree");
});
