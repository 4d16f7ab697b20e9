/**
 * The group of pictures that a camera is in: its newest key frame and what followed. RTSP has no way to ask for a key frame;
 * whoever begins to look, or has lost something, is sent the group again and is up to date at once. Pure.
 */
const idrSlice = 5;
const sps = 7;
const pps = 8;
/** Bytes. A camera whose groups are longer is seen from its next key frame on. */
const largestGroup = 4_000_000;

const typeOf = (unit: Buffer) => (unit[0] ?? 0) & 0x1f;
const isSet = (unit: Buffer) => typeOf(unit) === sps || typeOf(unit) === pps;

export interface PictureGroup {
  /** Takes an access unit as its NAL units. @returns it as it is to be sent; undefined: it can't be shown yet */
  add(units: readonly Buffer[]): readonly Buffer[] | undefined;
  /** The access units since the newest key frame. */
  readonly pictures: readonly (readonly Buffer[])[];
}

export function pictureGroup(): PictureGroup {
  let sets: readonly Buffer[] = [];
  let pictures: (readonly Buffer[])[] = [];
  let size = 0;
  let begun = false;
  return {
    add(units) {
      if (units.some((unit) => typeOf(unit) === sps)) sets = units.filter(isSet);
      const slices = units.filter((unit) => typeOf(unit) > 0 && typeOf(unit) <= idrSlice);
      const keyframe = slices.some((unit) => typeOf(unit) === idrSlice);
      begun ||= keyframe;
      if (!begun || slices.length === 0) return undefined;
      const picture = keyframe ? [...sets, ...slices] : slices;
      if (keyframe) {
        pictures = [];
        size = 0;
      }
      size += picture.reduce((sum, unit) => sum + unit.length, 0);
      if (keyframe || pictures.length > 0) pictures.push(picture);
      if (size > largestGroup) pictures = [];
      return picture;
    },
    get pictures() {
      return pictures;
    },
  };
}
