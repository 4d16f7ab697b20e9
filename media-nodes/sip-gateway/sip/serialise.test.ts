import { expect, test } from "vitest";
import type { SipMessage } from "./message.ts";
import { parse } from "./parse.ts";
import { quoted, writeRequest, writeResponse } from "./serialise.ts";

const fields = (from: string) =>
  [
    ["via", "SIP/2.0/TLS 192.0.2.1;branch=z9hG4bKa"],
    ["from", from],
    ["to", "<sip:b@example.org>"],
    ["call-id", "one"],
    ["cseq", "1 MESSAGE"],
  ] as const;

function read(text: string): SipMessage {
  const result = parse(text);
  if (!result.ok) throw new Error(result.reason);
  return result.message;
}

test("a name can't start a line or leave its quotes, in whatever script it is written", () => {
  // Č and Ċ are U+010C and U+010A: their lower bytes are form feed and line feed.
  for (const name of ['"; tag=1 <sip:evil@x>', "a\r\nX-Evil: 1", "Haus ĊX-Evil: 1", "\\", "Čeněk", "入口"]) {
    const text = writeRequest("MESSAGE", "sip:b@example.org", fields(`${quoted(name)} <sip:a@example.org>;tag=1`));
    const message = read(text);
    expect(message.headers.map(([field]) => field)).toEqual(["via", "from", "to", "call-id", "cseq", "content-length"]);
    expect(Buffer.from(message.from.display ?? "", "latin1").toString("utf8")).toBe(name.replace(/[\r\n]+/g, " "));
    expect(message.from.uri.user).toBe("a");
  }
  expect(writeRequest("MESSAGE", "sip:b@example.org", [["subject", "ĊX-Evil: 1"]])).not.toMatch(/^X-Evil/m);
});

test("a body is written as UTF-8, its length counted in bytes, and reads the same", () => {
  const text = writeRequest("MESSAGE", "sip:b@example.org", fields("<sip:a@b>;tag=1"), "Tür – 門");
  expect(text).toContain("Content-Length: 12\r\n");
  expect(read(text).body).toBe("Tür – 門");
});

test("a response copies what it must, byte for byte, and adds our tag once", () => {
  const name = Buffer.from("Türsprechstelle", "utf8").toString("latin1");
  const request = read(writeRequest("MESSAGE", "sip:b@example.org", fields(`"${name}" <sip:a@b>;tag=1`)));
  const answer = writeResponse(request, { status: 404, tag: "ours" });
  expect(answer).toContain(`From: "${name}" <sip:a@b>;tag=1\r\n`);
  expect(answer).toContain("To: <sip:b@example.org>;tag=ours\r\n");
  const again = writeResponse(read(answer.replace(/^SIP.*/, "MESSAGE sip:x SIP/2.0")), { status: 404, tag: "other" });
  expect(again).toContain("To: <sip:b@example.org>;tag=ours\r\n");
  expect(writeResponse(request, { status: 100, tag: "ours" })).toContain("To: <sip:b@example.org>\r\n");
});
