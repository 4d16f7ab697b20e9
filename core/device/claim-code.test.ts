import fc from "fast-check";
import { expect, test } from "vitest";
import { claimCode, codeFrom, exampleCode, printed } from "./claim-code.ts";

const codes = fc.uint8Array({ minLength: 10, maxLength: 10 }).map(codeFrom);
const letter = fc.constantFrom(..."0123456789ABCDEFGHJKMNPQRSTVWXYZ");
const place = fc.nat(15);

test("a code is read as it is printed, in small letters, and with letters for digits", () => {
  fc.assert(
    fc.property(codes, (code) => {
      expect(printed(code)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      const typed = printed(code).toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l");
      expect(claimCode.parse(typed)).toBe(code);
    }),
  );
});

test("one wrong letter is noticed", () => {
  fc.assert(
    fc.property(codes, place, letter, (code, at, wrong) => {
      fc.pre(code[at] !== wrong);
      expect(claimCode.safeParse(code.slice(0, at) + wrong + code.slice(at + 1)).success).toBe(false);
    }),
  );
});

test("two letters that changed places are noticed", () => {
  fc.assert(
    fc.property(codes, place, place, (code, a, b) => {
      const letters = [...code];
      [letters[a], letters[b]] = [letters[b] ?? "", letters[a] ?? ""];
      fc.pre(letters.join("") !== code);
      expect(claimCode.safeParse(letters.join("")).success).toBe(false);
    }),
  );
});

test("all of its 75 random bits count", () => {
  const zero = new Uint8Array(10);
  const seen = new Set<string>([codeFrom(zero)]);
  for (let bit = 0; bit < 75; bit++) {
    const one = new Uint8Array(10);
    one[9 - (bit >> 3)] = 1 << (bit & 7);
    seen.add(codeFrom(one));
  }
  expect(seen.size).toBe(76);
});

test("the example that pages show is a whole code, as it is printed", () => {
  expect(printed(claimCode.parse(exampleCode))).toBe(exampleCode);
});

test.each(["", "7K4M", "U".repeat(16), "7".repeat(200)])("%j is no code", (text) => {
  expect(claimCode.safeParse(text).success).toBe(false);
});
