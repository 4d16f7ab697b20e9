/** What happens at the played side, in its order, for whoever waits for some of it. */

export interface Happenings<Happening extends { what: string }> {
  tell(happening: Happening): void;
  /** How many there were: whoever wants only what comes from now on keeps it. */
  readonly count: number;
  /** The first of this kind that fits, from that many on, whether it came or comes. Undefined: not within the time (milliseconds). */
  next<What extends Happening["what"]>(
    what: What,
    within: number,
    fits?: (happening: Extract<Happening, { what: What }>) => boolean,
    from?: number,
  ): Promise<Extract<Happening, { what: What }> | undefined>;
}

export function newHappenings<Happening extends { what: string }>(): Happenings<Happening> {
  const all: Happening[] = [];
  const waiting = new Set<() => void>();
  return {
    tell(happening) {
      all.push(happening);
      for (const look of [...waiting]) look();
    },
    get count() {
      return all.length;
    },
    next<What extends Happening["what"]>(
      what: What,
      within: number,
      fits: (happening: Extract<Happening, { what: What }>) => boolean = () => true,
      from = 0,
    ) {
      const isIt = (one: Happening): one is Extract<Happening, { what: What }> => one.what === what;
      return new Promise<Extract<Happening, { what: What }> | undefined>((resolve) => {
        const end = (found: Extract<Happening, { what: What }> | undefined) => {
          waiting.delete(look);
          clearTimeout(patience);
          resolve(found);
        };
        const look = () => {
          const found = all.slice(from).filter(isIt).find(fits);
          if (found) end(found);
        };
        const patience = setTimeout(() => end(undefined), within);
        waiting.add(look);
        look();
      });
    },
  };
}
