import { expect, it } from "vitest";
import { type LogLine, readLines } from "#core/device/log.ts";
import { newLogStream } from "./log-stream.ts";

const line = (text: string): LogLine => ({ at: 1, level: "warn", text });

/** A cloud that takes what is sent, one request after the other; `refuses` says how many it does not. */
function cloud(refuses = 0) {
  const requests: string[][] = [];
  let heard: () => void = () => undefined;
  return {
    requests,
    async send(body: AsyncIterable<string>) {
      const texts: string[] = [];
      requests.push(texts);
      for await (const part of body) {
        texts.push(...readLines(part).lines.map(({ text }) => text));
        heard();
      }
      if (requests.length <= refuses) throw new Error("refused");
    },
    next: () => new Promise<void>((resolve) => (heard = resolve)),
  };
}

it("says lines as they come over one request, until there are none for a while, and then over another", async () => {
  const { send, next, requests } = cloud();
  const stream = newLogStream(send, { idle: 20 });
  for (const text of ["one", "two"]) {
    const arrives = next();
    stream.say(line(text));
    await arrives;
  }
  expect(requests).toEqual([["one", "two"]]);
  await stream.close();
  const again = newLogStream(send, { idle: 1 });
  again.say(line("three"));
  await again.close();
  expect(requests).toEqual([["one", "two"], ["three"]]);
});

it("says again what was not confirmed, with what came meanwhile", async () => {
  const { send, next, requests } = cloud(1);
  const stream = newLogStream(send, { idle: 1, firstPause: 5 });
  const first = next();
  stream.say(line("one"));
  await first;
  stream.say(line("two"));
  while (requests.at(1)?.at(1) !== "two") await next();
  expect(requests[1]).toEqual(["one", "two"]);
  await stream.close();
});

it("keeps the newest lines while the cloud is away", async () => {
  const texts: string[] = [];
  const arrived = Promise.withResolvers<void>();
  let away = true;
  const stream = newLogStream(
    async (body) => {
      if (away) throw new Error("away");
      for await (const part of body) texts.push(...readLines(part).lines.map(({ text }) => text));
      arrived.resolve();
    },
    { idle: 1, firstPause: 1 },
  );
  for (let n = 0; n < 600; n++) stream.say(line(String(n)));
  away = false;
  await arrived.promise;
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([500, "100", "599"]);
  await stream.close();
});

it("says nothing of what waits once it is told to forget it: somebody else may have the station", async () => {
  const { send, next, requests } = cloud(1);
  const refused = Promise.withResolvers<void>();
  const stream = newLogStream((body) => send(body).finally(refused.resolve), { idle: 1, firstPause: 1 });
  stream.say(line("of its owner"));
  await refused.promise;
  stream.forget();
  const arrives = next();
  stream.say(line("of its next"));
  await arrives;
  await stream.close();
  expect(requests.slice(1).flat()).toEqual(["of its next"]);
});
