import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretsIn } from "./secrets.ts";

const folder = () => mkdtempSync(join(tmpdir(), "secrets-"));

test("secrets are drawn once and stay", () => {
  const at = folder();
  expect(secretsIn(at, {})).toEqual(secretsIn(at, {}));
  expect(secretsIn(at, {}).AUTH_SECRET).not.toBe(secretsIn(folder(), {}).AUTH_SECRET);
});

test("nobody else may read them", () => {
  const at = folder();
  secretsIn(at, {});
  expect(statSync(join(at, "secrets.json")).mode & 0o777).toBe(0o600);
});

test("one from the environment wins for this start only", () => {
  const at = folder();
  const { LIVEKIT_API_KEY } = secretsIn(at, {});
  expect(secretsIn(at, { LIVEKIT_API_KEY: "APIofOurOwnCluster" }).LIVEKIT_API_KEY).toBe("APIofOurOwnCluster");
  expect(secretsIn(at, {}).LIVEKIT_API_KEY).toBe(LIVEKIT_API_KEY);
});

test("a damaged file stops the start and is not overwritten", () => {
  const at = folder();
  writeFileSync(join(at, "secrets.json"), "{");
  expect(() => secretsIn(at, {})).toThrow();
});
