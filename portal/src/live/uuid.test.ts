import { expect, it } from "vitest";
import { z } from "zod";
import { randomUuid } from "./uuid.ts";

it("makes version 4 UUIDs, each another", () => {
  const made = Array.from({ length: 100 }, randomUuid);
  for (const one of made) expect(z.uuidv4().safeParse(one).error).toBeUndefined();
  expect(new Set(made).size).toBe(100);
});
