import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { makeMailServer } from "./server.ts";
import { openMailStore, type StoredMail } from "./store.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function start(send?: (mail: StoredMail) => void) {
  const arrived: StoredMail[] = [];
  const server = makeMailServer({
    store: openMailStore(mkdtempSync(join(tmpdir(), "mail-"))),
    ...(send ? { send } : {}),
    arrived: (mail) => arrived.push(mail),
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (body: unknown, type = "application/json") =>
    fetch(`${origin}/mails`, { method: "POST", headers: { "content-type": type }, body: JSON.stringify(body) });
  return { origin, post, arrived };
}

const confirm = {
  to: "mara.lenz@lindenhof.example",
  subject: "Confirm your address",
  text: "Open http://localhost:8080/confirm?token=abc to confirm.",
};

test("a mail is kept, and its link shown on the page", async () => {
  const { origin, post } = await start();
  expect((await post(confirm)).status).toBe(202);
  expect(await (await fetch(`${origin}/mails`)).json()).toMatchObject([confirm]);
  expect(await (await fetch(origin)).text()).toContain('href="http://localhost:8080/confirm?token=abc"');
});

test("a mail can't put markup into the page", async () => {
  const { origin, post } = await start();
  await post({ ...confirm, subject: "<script>alert(1)</script>" });
  expect(await (await fetch(origin)).text()).not.toContain("<script>");
});

test("a subject can't add headers, and a form of another page is not taken", async () => {
  const { post, arrived } = await start();
  expect((await post({ ...confirm, subject: "Hello\r\nBcc: everyone@example.org" })).status).toBe(400);
  expect((await post(confirm, "text/plain")).status).toBe(415);
  expect(arrived).toEqual([]);
});

test("where a mail server is configured it is sent on, once also where it is handed over twice under one name", async () => {
  const sent: string[] = [];
  const { origin, post } = await start(({ id }) => sent.push(id));
  const id = crypto.randomUUID();
  for (let n = 0; n < 2; n++) expect((await post({ ...confirm, id })).status).toBe(202);
  expect(sent).toEqual([id]);
  expect((await post(confirm)).status).toBe(202);
  expect(await (await fetch(`${origin}/mails`)).json()).toHaveLength(2);
});

test("by another host name nothing is shown", async () => {
  const { origin } = await start();
  const asked = httpRequest(`${origin}/mails`, { headers: { host: "evil.example" } }).end();
  const [answer] = await once(asked, "response");
  expect(answer.statusCode).toBe(421);
});
