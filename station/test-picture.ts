/** The moving test picture: colour bars, a grey scale, the picture code, and a block that wanders. Drawn as planar YUV 4:2:0. */
import { codeCells, pictureCodeBottom, pictureCodeCells, pictureCodeTop } from "./picture-code.ts";

export const pictureWidth = 640;
export const pictureHeight = 360;

/** BT.601, limited range. */
type Colour = { y: number; u: number; v: number };

function colour(red: number, green: number, blue: number): Colour {
  return {
    y: Math.round(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255),
    u: Math.round(128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255),
    v: Math.round(128 + (112 * red - 93.786 * green - 18.214 * blue) / 255),
  };
}

const grey = (level: number): Colour => colour(level, level, level);

const bars = [
  colour(217, 217, 213),
  colour(200, 184, 96),
  colour(95, 168, 166),
  colour(95, 163, 104),
  colour(157, 96, 152),
  colour(169, 82, 76),
  colour(70, 86, 164),
] as const;
const barsBottom = 248;
const floorTop = Math.round(pictureHeight * pictureCodeBottom);
const block = 32;

export type TestPicture = {
  /** The picture as it is now: width × height luma bytes, then U and V at half the size each way. Drawn over by `draw`. */
  readonly pixels: Buffer;
  /** Draws frame `index`. */
  draw(index: number): void;
};

/** Makes the picture. Throws RangeError for a code that can't be shown. */
export function testPicture(code: number): TestPicture {
  const pixels = Buffer.alloc((pictureWidth * pictureHeight * 3) / 2);
  const planeU = pictureWidth * pictureHeight;
  const planeV = planeU + planeU / 4;
  const halfWidth = pictureWidth / 2;

  /** All four numbers are rounded to even pixels, since colour has half the resolution. */
  function fill(left: number, top: number, right: number, bottom: number, { y, u, v }: Colour): void {
    const [x0, x1] = [left & ~1, right & ~1];
    const [y0, y1] = [top & ~1, bottom & ~1];
    for (let row = y0; row < y1; row++) pixels.fill(y, row * pictureWidth + x0, row * pictureWidth + x1);
    for (let row = y0 / 2; row < y1 / 2; row++) {
      pixels.fill(u, planeU + row * halfWidth + x0 / 2, planeU + row * halfWidth + x1 / 2);
      pixels.fill(v, planeV + row * halfWidth + x0 / 2, planeV + row * halfWidth + x1 / 2);
    }
  }

  function row(top: number, bottom: number, cells: readonly Colour[]): void {
    const width = pictureWidth / cells.length;
    for (const [i, cell] of cells.entries()) fill(i * width, top, (i + 1) * width, bottom, cell);
  }

  const steps = Array.from({ length: 16 }, (_, i) => grey(i * 17));
  const cells = codeCells(code).map((white) => grey(white ? 235 : 20));
  if (cells.length !== pictureCodeCells) throw new RangeError("the code does not fill its row");
  row(0, barsBottom, bars);
  row(barsBottom, pictureHeight * pictureCodeTop, steps);
  row(pictureHeight * pictureCodeTop, floorTop, cells);

  return {
    pixels,
    draw(index) {
      fill(0, floorTop, pictureWidth, pictureHeight, grey(28));
      const way = pictureWidth - block;
      const at = (index * 8) % (2 * way);
      const left = at < way ? at : 2 * way - at;
      fill(left, floorTop, left + block, pictureHeight, colour(255, 180, 50));
    },
  };
}
