import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dominantTone, part, randomTone, readWav, writeToneFile } from "./tone.ts";

test("a tone written to a file is the tone that is measured in it", () => {
  const hertz = randomTone();
  const path = join(mkdtempSync(join(tmpdir(), "tone-")), "tone.wav");
  writeToneFile(path, hertz, { seconds: 1 });
  expect(dominantTone(part(readWav(path), -0.5))).toBe(hertz);
});

test("silence has no dominant tone", () => {
  expect(dominantTone({ rate: 48_000, samples: new Float32Array(48_000) })).toBeUndefined();
});
