/**
 * The claim code on a device: 75 random bits and a check character in Crockford's base 32, in four groups that a person can
 * read out, `7K4M-PQ2D-88XV-3N66`. Letters that look like digits are read as those.
 *
 * The check character is a weighted sum over GF(2⁵): it finds every single wrong character and every two that changed places.
 */
import { z } from "zod";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const randomLetters = 15;

/** Canonical: sixteen letters without dashes. */
export const claimCode = z
  .string()
  .max(100)
  .transform((text, context) => {
    const letters = canonical(text);
    if (isWhole(letters)) return letters;
    context.addIssue({ code: "custom", message: "is mistyped: look at the code on the device again" });
    return z.NEVER;
  })
  .brand("ClaimCode");
export type ClaimCode = z.infer<typeof claimCode>;

const canonical = (text: string) =>
  text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");

function isWhole(letters: string): boolean {
  const values = Array.from(letters, (letter) => alphabet.indexOf(letter));
  return values.length === randomLetters + 1 && !values.includes(-1) && check(values) === 0;
}

/** Times x modulo x⁵ + x² + 1, whose powers run through all 31 values. */
const timesX = (value: number) => (value & 0x10 ? (value << 1) ^ 0b100101 : value << 1);

/** Zero for a whole code. */
const check = (values: readonly number[]) => values.reduce((sum, value) => timesX(sum ^ value), 0);

/** The value of the last character, for which the whole comes to zero. */
function checkValue(values: readonly number[]): number {
  return alphabet.split("").findIndex((_, last) => check([...values, last]) === 0);
}

/** @param random at least ten octets, of which 75 bits are used */
export function codeFrom(random: Uint8Array): ClaimCode {
  let bits = random.subarray(0, 10).reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  const values: number[] = [];
  while (values.length < randomLetters) {
    values.push(Number(bits & 31n));
    bits >>= 5n;
  }
  const letters = [...values, checkValue(values)].map((value) => alphabet[value]);
  return claimCode.parse(letters.join(""));
}

/** What one looks like, where somebody is to type theirs. */
export const exampleCode = "7K4M-PQ2D-88XV-3N66";

/** As it is printed. */
export const printed = (code: ClaimCode): string => code.replaceAll(/.{4}(?=.)/g, "$&-");
