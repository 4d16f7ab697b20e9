import { expect, test } from "vitest";
import { createFramer, maxBodyBytes, maxHeaderBytes } from "./framing.ts";

function framer(role?: "server" | "client") {
  const heard: string[] = [];
  const made = createFramer(
    {
      message: (text) => heard.push(text),
      ping: () => heard.push("ping"),
      pong: () => heard.push("pong"),
      broken: (status) => heard.push(`broken ${status}`),
    },
    role,
  );
  return { heard, push: (text: string) => made.push(Buffer.from(text, "latin1")), midMessage: made.midMessage };
}

const one = "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello";
const two = "OPTIONS sip:a@b SIP/2.0\r\nl : 0\r\n\r\n";

test("messages come out whole, however the stream is cut", () => {
  const stream = `${one}${two}\r\n\r\n${one}`;
  for (let size = 1; size <= stream.length; size++) {
    const { heard, push, midMessage } = framer();
    for (let at = 0; at < stream.length; at += size) push(stream.slice(at, at + size));
    expect(heard).toEqual([one, two, "ping", one]);
    expect(midMessage()).toBe(false);
  }
});

test("a client hears each CRLF as a pong", () => {
  const { heard, push } = framer("client");
  push("\r\n");
  push("\r");
  push("\n\r\n");
  expect(heard).toEqual(["pong", "pong", "pong"]);
});

test("a folded Content-Length counts, two that agree count as one", () => {
  const { heard, push } = framer();
  push("MESSAGE sip:a@b SIP/2.0\r\nContent-Length:\r\n 5\r\nl: 5\r\n\r\nhello");
  expect(heard).toHaveLength(1);
});

test.each([
  ["none", "", 400],
  ["two that differ", "Content-Length: 5\r\nl: 6\r\n", 400],
  ["a negative one", "Content-Length: -1\r\n", 400],
  ["a word", "Content-Length: five\r\n", 400],
  ["hexadecimal", "Content-Length: 0x5\r\n", 400],
  ["one beyond the bound", `Content-Length: ${maxBodyBytes + 1}\r\n`, 413],
  ["one beyond all numbers", `Content-Length: ${"9".repeat(9)}\r\n`, 413],
])("Content-Length: %s", (_what, field, status) => {
  const { heard, push } = framer();
  push(`MESSAGE sip:a@b SIP/2.0\r\n${field}\r\nhello!`);
  push(two);
  expect(heard).toEqual([`broken ${status}`]);
});

test("10 MB of header are refused after 16 KiB, and nothing more is kept", () => {
  const { heard, push, midMessage } = framer();
  const chunk = `X: ${"x".repeat(997)}\r\n`;
  push("OPTIONS sip:a@b SIP/2.0\r\n");
  let pushed = 0;
  for (; heard.length === 0 && pushed < 10_000_000; pushed += chunk.length) push(chunk);
  expect(heard).toEqual(["broken 513"]);
  expect(pushed).toBeLessThan(maxHeaderBytes + 2 * chunk.length);
  push(chunk);
  expect(midMessage()).toBe(false);
});

test("a header sent byte by byte costs one pass", () => {
  const { push, heard } = framer();
  const text = `OPTIONS sip:a@b SIP/2.0\r\nX: ${"x".repeat(16_000)}\r\nl: 0\r\n\r\n`;
  const start = performance.now();
  for (const character of text) push(character);
  expect(heard).toEqual([text]);
  expect(performance.now() - start).toBeLessThan(1_000);
});
