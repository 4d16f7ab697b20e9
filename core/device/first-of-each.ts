/**
 * The first of each key, then the second of each, and so on: what is done with many at once stays in its order for each.
 * Within a turn no key is there twice.
 */
export function firstOfEach<T, Key>(items: readonly T[], keyOf: (item: T) => Key): T[][] {
  const turns: T[][] = [];
  const seen = new Map<Key, number>();
  for (const item of items) {
    const key = keyOf(item);
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const turn = turns[nth];
    if (turn) turn.push(item);
    else turns.push([item]);
  }
  return turns;
}
