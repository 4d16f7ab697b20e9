import { DrizzleQueryError } from "drizzle-orm";
import { expect, test } from "vitest";
import { reasonOf } from "./log.ts";

test("of a failed query the database's words are logged, and nothing it was asked with", () => {
  const cause = new Error("connection refused");
  const failed = new DrizzleQueryError("select * from session where token = $1", ["a-session-token"], cause);
  expect(reasonOf(failed)).toBe("connection refused");
  expect(reasonOf(new DrizzleQueryError("select $1", ["a-session-token"]))).toBe("query failed");
});
