import { expect, test } from "vitest";
import { modelNamed, models, suitability } from "./models.ts";
import { hardwareRevision } from "./revision.ts";

const plate = (model: string, revision: string) => ({ model, revision: hardwareRevision.parse(revision) });

/** The data sheet's own paragraph, abbreviations written out. */
const dataSheet = {
  AA: ["ID8 TD", "ID8 TD-B", "ID8 TD CM", "ID8 TD CM-B", "IM3", "IM6", "OD1 CM", "OD1 V CM", "OD5 TD CM", "OD10 TD CM"],
  AB: ["IP-CON"],
  AC: [
    "WS 301V CM",
    "WS 303V CM",
    "WS 311V CM",
    "WS 311V CM DA",
    "EF 962H",
    "EF 962HM",
    "ET 908H",
    "ET 908H-1",
    "ET 908HMI",
    "ET 908HMI-1",
    "ET 962HR",
    "ET 970HR",
  ],
  AD: ["ID5 TD", "ID5 TD CM", "ET 962H", "ET 970H"],
};
const withoutRevision = ["CM1", "EB1A", "EB1E1A", "EB2E2A", "EB3E2A-AUD", "EB8E8A"];

test("every model of the data sheet is in the catalogue, once, and nothing else", () => {
  const names = models.map(({ name }) => name).sort();
  expect(names).toEqual([...Object.values(dataSheet).flat(), ...withoutRevision].sort());
});

test.each(Object.entries(dataSheet))("revision %s is the oldest that is taken of its models", (revision, names) => {
  const before = `A${String.fromCharCode(revision.charCodeAt(1) - 1)}`;
  for (const name of names) {
    expect(suitability(plate(name, revision))).toEqual({ suits: true, model: modelNamed(name) });
    expect(suitability(plate(name, "BA")).suits).toBe(true);
    if (revision !== "AA")
      expect(suitability(plate(name, before))).toEqual({ suits: false, reason: "revision-too-old", atLeast: revision });
  }
});

test("a model without a revision in the data sheet is taken in every revision", () => {
  for (const name of withoutRevision) expect(suitability(plate(name, "AA")).suits).toBe(true);
});

test("a model that nobody named is refused", () => {
  expect(suitability(plate("OD99", "AA"))).toEqual({ suits: false, reason: "unknown-model" });
});

test("the name of a device tells its camera, its touch display and its keys", () => {
  for (const { name, screen, buttons, camera } of models) {
    const touch = / TD\b/.test(name);
    expect([name, screen, buttons === "screen", camera]).toEqual([
      name,
      touch ? "touch" : "none",
      touch,
      /\bCM/.test(name),
    ]);
  }
  expect(["IM3", "IM6", "WS 301V CM", "WS 303V CM"].map((name) => modelNamed(name)?.buttons)).toEqual([3, 6, 1, 3]);
});

test("an MX device talks in Opus, a BF device in G.722 at best", () => {
  expect(modelNamed("OD10 TD CM")?.audio[0]).toBe("opus");
  expect(modelNamed("ET 908H")?.audio[0]).toBe("g722");
});

test("the name of an extension tells its inputs and outputs", () => {
  const fitted = (name: string) => [modelNamed(name)?.inputs, modelNamed(name)?.outputs];
  expect(fitted("EB2E2A")).toEqual([2, 2]);
  expect(fitted("EB8E8A")).toEqual([8, 8]);
  expect(fitted("EB1A")).toEqual([0, 1]);
});
