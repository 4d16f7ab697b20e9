import { calls } from "./calls.en.ts";

export const en = { calls, shell: { doors: "Doors", history: "History", check: "Check" } };
