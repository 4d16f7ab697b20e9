/** UDP port pairs for SRTP: an even port for RTP, the next for RTCP (RFC 3550 §11). */

export type PortPool = {
  /** Takes a pair, the even port of it. Nothing when all are taken. */
  take(): number | undefined;
  /** Gives the pair back. It is the last to be taken again, so that stray packets of the old call meet no new one. */
  give(port: number): void;
  readonly free: number;
};

/** A pool over `first`-`last`, both included, in ports. */
export function portPool(first: number, last: number): PortPool {
  const start = first + (first % 2);
  const pairs = Math.max(0, Math.floor((last - start + 1) / 2));
  if (pairs === 0) throw new RangeError(`no port pair in ${first}-${last}`);
  // A ring of free pairs: taken from the head, given back to the tail.
  const ring = new Uint16Array(pairs);
  for (let i = 0; i < pairs; i++) ring[i] = start + 2 * i;
  const taken = new Set<number>();
  let head = 0;
  let free = pairs;
  return {
    take() {
      const port = ring[head];
      if (free === 0 || port === undefined) return undefined;
      head = (head + 1) % pairs;
      free--;
      taken.add(port);
      return port;
    },
    give(port) {
      if (!taken.delete(port)) return;
      ring[(head + free) % pairs] = port;
      free++;
    },
    get free() {
      return free;
    },
  };
}

/** Reads `10000-39999`. Throws a sentence for anything else. */
export function parsePortRange(text: string): { first: number; last: number } {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (!match || first < 1024 || last > 65535 || last <= first) throw new Error(`not a range of ports: ${text}`);
  return { first, last };
}
