import { calls } from "./calls.de.ts";

export const de = { calls, shell: { doors: "Türen", history: "Verlauf", check: "Prüfen" } };
