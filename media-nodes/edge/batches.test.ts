import { expect, test } from "vitest";
import { type BatchOptions, inBatches } from "./batches.ts";

/** What was asked for, a request at a time, and how to answer the oldest one that waits: with its items in capitals. */
function asking(more: Partial<BatchOptions<string, string>> = {}) {
  const asked: string[][] = [];
  const open: PromiseWithResolvers<string[]>[] = [];
  const ask = inBatches<string, string>({
    most: 100,
    // All in one lane, but where a test says otherwise.
    keyOf: () => "",
    send(items) {
      asked.push(items);
      const answer = Promise.withResolvers<string[]>();
      open.push(answer);
      return answer.promise;
    },
    ...more,
  });
  let answered = 0;
  async function answer(error?: Error) {
    await Promise.resolve();
    const [one, items = []] = [open[answered], asked[answered]];
    answered++;
    if (error) one?.reject(error);
    else one?.resolve(items.map((item) => item.toUpperCase()));
  }
  return { ask, asked, answer };
}

test("who comes alone is asked for at once, and who comes meanwhile goes together, each with its own answer", async () => {
  const { ask, asked, answer } = asking();
  const first = ask("a");
  await answer();
  expect(await first).toBe("A");
  const second = ask("b");
  await Promise.resolve();
  const others = Promise.all(["c", "d", "e"].map(ask));
  await answer();
  await second;
  await answer();
  expect(await others).toEqual(["C", "D", "E"]);
  expect(asked).toEqual([["a"], ["b"], ["c", "d", "e"]]);
});

test("a request holds no more items, and no more octets, than are allowed; one that is larger goes alone", async () => {
  const { ask, asked, answer } = asking({ most: 3, largest: 10, sizeOf: (item) => item.length });
  const all = Promise.all(["a", "b", "c", "d", "x".repeat(20), "12345", "12345", "1"].map(ask));
  for (let n = 0; n < 5; n++) await answer();
  await all;
  expect(asked.map((items) => items.map((item) => item.length))).toEqual([[1, 1, 1], [1], [20], [5, 5], [1]]);
});

test("a request that fails fails for who went with it, and the next one is made", async () => {
  const { ask, answer } = asking({ most: 2 });
  const all = Promise.allSettled(["a", "b", "c"].map(ask));
  await answer(new Error("the edge is away"));
  await answer();
  expect((await all).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
});

test("the same key is never under way twice, and another one does not wait for it", async () => {
  const { ask, asked, answer } = asking({ keyOf: (item) => item.slice(0, 1) });
  const of = (key: string) => [`${key}1`, `${key}2`].map(ask);
  const said = [...of("a"), ...of("b")];
  await Promise.resolve();
  ask("a3");
  expect(asked).toEqual([
    ["a1", "a2"],
    ["b1", "b2"],
  ]);
  await answer();
  await answer();
  await Promise.all(said);
  expect(asked[2]).toEqual(["a3"]);
});
