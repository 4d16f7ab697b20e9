/**
 * A number that can be read back from pixels, so that a test knows that this very picture arrived: a row of black and
 * white cells across the full width. Cells: white, black (they set the threshold), 16 bits of the code from the most
 * significant, two bits of check sum (ones in the code, modulo 4).
 */

export const pictureCodeCells = 20;
/** Where the row lies, as parts of the picture's height. */
export const pictureCodeTop = 284 / 360;
export const pictureCodeBottom = 324 / 360;
/** Codes are below this. */
export const pictureCodes = 1 << 16;

/** The cells from left to right, true for white. Throws RangeError for what is no 16-bit number. */
export function codeCells(code: number): boolean[] {
  if (!Number.isInteger(code) || code < 0 || code >= pictureCodes) throw new RangeError(`not a picture code: ${code}`);
  const bits = Array.from({ length: 16 }, (_, i) => ((code >> (15 - i)) & 1) === 1);
  const ones = bits.filter(Boolean).length % 4;
  return [true, false, ...bits, ones >= 2, ones % 2 === 1];
}

/**
 * Reads the code back; undefined where there is none. Needs nothing outside itself, so a test can run it in a page
 * (`readPictureCode.toString()`).
 * @param luma brightness of the pixel at a column and row, 0 to 255
 */
export function readPictureCode(
  luma: (x: number, y: number) => number,
  width: number,
  height: number,
): number | undefined {
  const y = Math.round((height * (284 + 324)) / 720);
  const cells = Array.from({ length: 20 }, (_, i) => {
    const x = Math.round((width * (i + 0.5)) / 20);
    return (luma(x - 2, y) + luma(x, y) + luma(x + 2, y) + luma(x, y - 3) + luma(x, y + 3)) / 5;
  });
  const white = cells[0] ?? 0;
  const black = cells[1] ?? 0;
  if (white - black < 80) return undefined;
  const bits = cells.map((cell) => (cell > (white + black) / 2 ? 1 : 0));
  const code = bits.slice(2, 18).reduce<number>((sum, bit) => sum * 2 + bit, 0);
  const ones = bits.slice(2, 18).reduce<number>((sum, bit) => sum + bit, 0);
  return (bits[18] ?? 0) * 2 + (bits[19] ?? 0) === ones % 4 ? code : undefined;
}
