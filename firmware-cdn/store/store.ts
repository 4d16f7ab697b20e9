/** Where releases are put: a bucket, by what publishing needs of it. */

export interface Stored {
  octets: Uint8Array<ArrayBuffer>;
  /** The bucket's own word for these contents. */
  etag: string;
}

export interface ObjectStore {
  read(name: string): Promise<Stored | undefined>;
  /** Puts a new object there. Throws {@link TakenError} where one of that name is there already. */
  create(name: string, octets: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Puts another in the place of one that still has this etag. Throws {@link TakenError} where it has not. */
  replace(name: string, octets: Uint8Array<ArrayBuffer>, etag: string): Promise<void>;
  /** The octets of a large object, or undefined where it is not there. */
  sizeOf(name: string): Promise<number | undefined>;
  /** Puts a large object there in parts of {@link partSize}; it is there whole or not at all. */
  upload(
    name: string,
    size: number,
    parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
    onPart: (sent: number) => void,
  ): Promise<void>;
}

/** S3 and R2 take parts of 5 MiB and more, R2 all of one size. Octets. */
export const partSize = 8 * 1024 * 1024;

/** Someone else has published meanwhile. */
export class TakenError extends Error {
  constructor(name: string) {
    super(`${name} was written by someone else meanwhile. Nothing is lost: run the command again.`);
  }
}
