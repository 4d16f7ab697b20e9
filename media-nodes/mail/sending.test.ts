import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startSending } from "./sending.ts";
import { openMailStore, type StoredMail } from "./store.ts";

const minute = 60_000;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A folder of mails, and a mail server that takes what `takes` says. */
function office() {
  const folder = mkdtempSync(join(tmpdir(), "mail-"));
  const mails = { tried: 0, taken: [] as string[], givenUp: [] as string[] };
  const server = { refuses: (): unknown => undefined };
  const send = async ({ id }: StoredMail) => {
    mails.tried++;
    const refusal = server.refuses();
    if (refusal) throw refusal;
    mails.taken.push(id);
  };
  const open = () => {
    const store = openMailStore(folder);
    const givenUp = ({ id }: StoredMail) => void mails.givenUp.push(id);
    return { store, take: startSending({ store, send, failed: () => undefined, givenUp }) };
  };
  return { server, mails, open };
}

async function write({ store, take }: ReturnType<ReturnType<typeof office>["open"]>): Promise<string> {
  const mail = store.add({ to: "mara@lindenhof.example", subject: "Not connected", text: "The gate." });
  if (!mail) throw new Error("known already");
  await take(mail);
  return mail.id;
}

test("a mail that the server did not take is sent again until it does, and not once more", async () => {
  const { server, mails, open } = office();
  server.refuses = () => new Error("no connection");
  const opened = open();
  const id = await write(opened);
  await vi.advanceTimersByTimeAsync(2 * minute);
  expect(mails).toEqual({ tried: 2, taken: [], givenUp: [] });
  server.refuses = () => undefined;
  await vi.advanceTimersByTimeAsync(24 * 60 * minute);
  expect(mails).toEqual({ tried: 3, taken: [id], givenUp: [] });
  expect(opened.store.waiting()).toEqual([]);
});

test("after a restart it goes on with what waits, and with nothing else", async () => {
  const { server, mails, open } = office();
  const before = open();
  await write(before);
  server.refuses = () => new Error("no connection");
  const waits = await write(before);
  vi.clearAllTimers();
  server.refuses = () => undefined;
  open();
  await vi.advanceTimersByTimeAsync(0);
  expect(mails.taken.slice(1)).toEqual([waits]);
});

test("a mail is given up after a day, and at once where there is nobody of that name", async () => {
  const { server, mails, open } = office();
  const opened = open();
  server.refuses = () => new Error("no connection");
  const late = await write(opened);
  await vi.advanceTimersByTimeAsync(25 * 60 * minute);
  expect(mails.givenUp).toEqual([late]);
  server.refuses = () => Object.assign(new Error("550 5.1.1"), { command: "RCPT TO", responseCode: 550 });
  const nobody = await write(opened);
  expect(mails.givenUp).toEqual([late, nobody]);
  expect(opened.store.waiting()).toEqual([]);
});
