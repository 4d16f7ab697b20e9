import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeFrom, printed } from "./claim-code.ts";
import {
  fittingLines,
  type LogLine,
  lineReader,
  readLines,
  requestState,
  uploadTime,
  withoutSecrets,
  writtenLines,
} from "./log.ts";

const line = (text: string, level: LogLine["level"] = "info"): LogLine => ({ at: 1_000, level, text });

describe("what a device wrote", () => {
  it("is read line by line, and what is no line is left out and counted", () => {
    const text = `${writtenLines([line("one"), line("two", "warn")])}\nnonsense\n{"at":1}\n${JSON.stringify(line("three"))}`;
    expect(readLines(text)).toEqual({ lines: [line("one"), line("two", "warn"), line("three")], dropped: 2 });
  });

  it("is cut where it is too long, and left out where it is far too long", () => {
    const { lines, dropped } = readLines(writtenLines([line("x".repeat(2_000)), line("y".repeat(9_000))]));
    expect(lines.map(({ text }) => text.length)).toEqual([1_000]);
    expect(dropped).toBe(1);
  });
});

describe("a secret", () => {
  it.each([
    ["pulls rtsp://station:hunter2@10.0.0.7/a", "pulls rtsp://…@10.0.0.7/a"],
    ["rtsps://hunter2@camera/", "rtsps://…@camera/"],
    ["Authorization: Bearer hunter2hunter2", "Authorization: … …"],
    ["asked with Digest hunter2hunter2", "asked with Digest …"],
    ['{"password": "hunter2"}', '{"password": "…"}'],
    ["user=a&token=hunter2&x=1", "user=a&token=…&x=1"],
    ["eyJhbGciOi.eyJodW50ZXIyIn0.hunter2", "…"],
    ["code 7K4M-PQ2D-88XV-3TQN given", "code … given"],
    ["-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----", "…"],
    ["-----BEGIN EC PRIVATE KEY----- hunter2 cut off", "…"],
  ])("is not in what is kept of %j", (said, kept) => {
    expect(withoutSecrets(said)).toBe(kept);
    expect(readLines(writtenLines([line(said)])).lines).toEqual([line(kept)]);
  });

  it.each([
    "door output 1 on, 3000 ms, call 0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001",
    "certificate until 2027-08-18, fetched from https://cloud.example/firmware/a@b",
    "packet 0611 hash differs, fetching again",
  ])("is not seen in %j", (said) => expect(withoutSecrets(said)).toBe(said));

  it("that is a claim code is in nothing that is kept, however it is written", () => {
    const octets = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(
        octets,
        fc.array(fc.boolean(), { minLength: 19, maxLength: 19 }),
        fc.boolean(),
        (random, small, dashed) => {
          const code = Array.from(printed(codeFrom(random)), (letter, n) => (small[n] ? letter.toLowerCase() : letter));
          const written = code.filter((letter) => dashed || letter !== "-").join("");
          expect(withoutSecrets(`the code "${written}" was read`)).toBe('the code "…" was read');
        },
      ),
    );
  });

  it("that is a key over several lines is in none of them, and what else was said meanwhile stays", () => {
    const kind = fc.constantFrom("PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    const base64 = fc
      .uint8Array({ minLength: 1, maxLength: 3_000 })
      .map((octets) => Buffer.from(octets).toString("base64"));
    const said = fc.constantFrom("", "tls: ");
    fc.assert(
      fc.property(kind, base64, said, fc.nat(60), fc.nat(60), (name, body, before, interrupted, cut) => {
        const rows = body.match(/.{1,64}/g) ?? [];
        const texts = [`-----BEGIN ${name}-----`, ...rows, `-----END ${name}-----`].map((row) => before + row);
        texts.splice(interrupted % texts.length, 0, "Button 1 was pressed.");
        const all = [...texts, "code a1"].map((text) => line(text));
        const read = lineReader();
        const parts = [all.slice(0, cut), all.slice(cut)].flatMap((part) => read(writtenLines(part)).lines);
        const kept = parts.map(({ text }) => text).join("\n");
        for (const row of rows) if (row.length > 8) expect(kept).not.toContain(row);
        expect(kept).toContain("Button 1 was pressed.");
        expect(parts.at(-1)?.text).toBe("code a1");
        expect(new Set(parts.map(({ text }) => text.replace("tls: ", "")))).toEqual(
          new Set(["…", "Button 1 was pressed.", "code a1"]),
        );
      }),
    );
  });

  it("takes no long time to look for in a long line", () => {
    const began = performance.now();
    withoutSecrets(`-----BEGIN ${"A ".repeat(4_000)}${"token".repeat(800)}${"a://".repeat(1_000)}`);
    const long = ["A".repeat(8_000), "A+ ".repeat(2_600), "-----END ".repeat(800)].map((text) => line(`${text}!`));
    readLines(writtenLines([line("-----BEGIN PRIVATE KEY-----"), ...long]));
    expect(performance.now() - began).toBeLessThan(500);
  });
});

it("finds the lines that are urgent enough and hold every word", () => {
  const lines = [line("Door opens"), line("The door is open", "warn"), line("Camera is silent", "error")];
  const texts = (search: string, least: LogLine["level"]) => fittingLines(lines, search, least).map(({ text }) => text);
  expect(texts("", "debug")).toHaveLength(3);
  expect(texts("", "warn")).toEqual(["The door is open", "Camera is silent"]);
  expect(texts(" OPEN the ", "info")).toEqual(["The door is open"]);
  expect(texts("open", "error")).toEqual([]);
});

it("counts a device that sends nothing in time as one that failed", () => {
  const became = (state: Parameters<typeof requestState>[0]["state"], later = 0, arrived = false) =>
    requestState({ state, askedAt: 5_000 }, arrived, 5_000 + later);
  expect([became("sent"), became("sent", uploadTime), became("offline")]).toEqual(["asked", "failed", "offline"]);
  for (const state of ["done", "expired", "refused", "failed"] as const) expect(became(state)).toBe("failed");
  expect(became("sent", uploadTime, true)).toBe("arrived");
});
