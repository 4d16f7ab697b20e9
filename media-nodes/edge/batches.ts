/**
 * Asks for many at once. What comes while a request is on its way waits and goes with the next one, so that a fleet that comes back
 * after a fault needs few requests, and who comes alone waits for nobody.
 */

export interface BatchOptions<Item, Answer> {
  /** Asks for these. Resolves to an answer for each, in their order. */
  send(items: Item[]): Promise<Answer[]>;
  /** Items of one request. */
  most: number;
  /** Octets of one request, and of an item. One alone may be larger. */
  largest?: number;
  sizeOf?(item: Item): number;
  /** What has the same key is asked for in its order: never at the same moment, and never the later one first. */
  keyOf(item: Item): string;
}

/** Requests under way at once. Keys are spread over them, so that one that takes long holds up no more than its part. */
const lanes = 4;

/** @returns what asks for one. It rejects where the request that it went with fails */
export function inBatches<Item, Answer>(options: BatchOptions<Item, Answer>): (item: Item) => Promise<Answer> {
  const asks = new Map<number, (item: Item) => Promise<Answer>>();
  return (item) => {
    const lane = laneOf(options.keyOf(item));
    const ask = asks.get(lane) ?? inOneLane(options);
    asks.set(lane, ask);
    return ask(item);
  };
}

/** Ids and serial numbers are drawn at random, so that the sum of their letters spreads them evenly. */
const laneOf = (key: string): number => [...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % lanes;

interface Waiting<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

function inOneLane<Item, Answer>({
  send,
  most,
  largest = Number.POSITIVE_INFINITY,
  sizeOf = () => 0,
}: BatchOptions<Item, Answer>) {
  let waiting: Waiting<Item, Answer>[] = [];
  let underWay = false;

  function next(): Waiting<Item, Answer>[] {
    let size = 0;
    let taken = 0;
    for (const { item } of waiting.slice(0, most)) {
      size += sizeOf(item);
      if (taken > 0 && size > largest) break;
      taken++;
    }
    const batch = waiting.slice(0, taken);
    waiting = waiting.slice(taken);
    return batch;
  }

  async function run(): Promise<void> {
    underWay = true;
    // What is said in the same turn of the event loop goes together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = next();
      try {
        const answers = await send(batch.map(({ item }) => item));
        for (const [at, { resolve, reject }] of batch.entries()) {
          const answer = answers[at];
          if (answer === undefined) reject(new Error("there is no answer for this one"));
          else resolve(answer);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    underWay = false;
  }

  return (item: Item) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!underWay) void run();
    });
}
