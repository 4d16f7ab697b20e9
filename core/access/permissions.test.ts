import { expect, it } from "vitest";
import { may } from "./permissions.ts";

it("lets an operator answer and open, and a viewer only look", () => {
  expect(may("operator", "answer-call")).toBe(true);
  expect(may("operator", "open-door")).toBe(true);
  expect(may("viewer", "see-doors")).toBe(true);
  expect(may("viewer", "answer-call")).toBe(false);
  expect(may("viewer", "open-door")).toBe(false);
  expect(may("installer", "open-door")).toBe(false);
});
