import fc from "fast-check";
import { expect, test } from "vitest";
import { parseUri } from "./address.ts";
import { parse } from "./parse.ts";

const options = (...fields: readonly string[]) =>
  [
    "OPTIONS sip:gateway@example.org SIP/2.0",
    "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKabc",
    "From: <sip:a@example.org>;tag=1",
    "To: <sip:b@example.org>",
    "Call-ID: one",
    "CSeq: 1 OPTIONS",
    ...fields,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");

const statusOf = (text: string) => {
  const result = parse(text);
  return result.ok ? "ok" : result.status;
};

test("IPv6 addresses stand in brackets, in URIs and in Via (RFC 5118)", () => {
  expect(parseUri("sip:user@[2001:db8::10]:5070;transport=tls")).toMatchObject({ host: "[2001:db8::10]", port: 5070 });
  const result = parse(options("Via: SIP/2.0/TLS [2001:db8::9]:5061;received=2001:db8::9;branch=z9hG4bKas3"));
  expect(result.ok && result.message.via[1]).toMatchObject({ host: "[2001:db8::9]", port: 5061 });
  expect(parseUri("sip:user@2001:db8::10")).toBeUndefined();
});

test.each([
  ["sip:user@example.org", true],
  ["sips:example.org:5061", true],
  ["sip:user@example.org:65536", false],
  ["sip:user@", false],
  ["sip:us er@example.org", false],
  ["sip:user%4@example.org", false],
  ["sip:user@exa_mple.org", false],
  ["sip:user@example.org;transport=tls;transport=tls", true],
  ["sip:user@example.org;transport=tls;transport=udp", false],
  ["tel:+49301234", true],
  ["no scheme", false],
])("the URI %s is well-formed: %s", (text, isValid) => {
  expect(parseUri(text) !== undefined).toBe(isValid);
});

test.each([
  ["Max-Forwards: -1", 400],
  ["Max-Forwards: 256", 400],
  ["Contact: <sip:a@b", 400],
  ['Contact: "open <sip:a@b>', 400],
  ["Contact: <sip:a@b>;expires=", 400],
  ["Contact: <sip:a@b>;x=1;x=2", 400],
  ["Expires: soon", 400],
  ["Content-Type: text", 400],
  ["Bad Name: x", 400],
  [": no name", 400],
  ["no colon", 400],
  ['Contact: <sip:a@b>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";reg-id=1', "ok"],
  ['Unknown: anything ,;"<> goes', "ok"],
])("%s: %s", (field, status) => {
  expect(statusOf(options(field))).toBe(status);
});

test("what is too long or too much has its own status", () => {
  expect(statusOf(options(...Array.from({ length: 130 }, (_, index) => `X-${index}: x`)))).toBe(413);
  expect(statusOf(options().replace("gateway@", `${"g".repeat(2100)}@`))).toBe(414);
  expect(statusOf(options().replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"))).toBe(505);
});

test("a refused request keeps what its answer must copy", () => {
  const result = parse(options("Max-Forwards: many"));
  expect(!result.ok && result.partial?.headers.find(([name]) => name === "call-id")?.[1]).toBe("one");
});

test("a body is read as UTF-8 and cut at its Content-Length, counted in bytes", () => {
  const body = Buffer.from('{"name":"Türe – Hof"}', "utf8");
  const text = options().replace("Content-Length: 0", `Content-Length: ${body.length}`) + body.toString("latin1");
  const result = parse(`${text}and more`);
  expect(result.ok && JSON.parse(result.message.body)).toEqual({ name: "Türe – Hof" });
});

test("no bytes at all make the parser throw: it accepts, or refuses by a status", () => {
  const piece = fc.oneof(
    fc.constantFrom("\r\n", "\r\n ", ":", ";", ",", "<", ">", '"', "\\", "sip:", "=", "@", "%", "\0", "SIP/2.0", " "),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const seed = options("Contact: <sip:a@b>;expires=60", 'Warning: 399 x "y"', "Date: Sat, 15 Oct 2005 04:44:56 GMT");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(seed.length), fc.nat(6), piece), { maxLength: 8 }), (edits) => {
      let text = seed;
      for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
      const result = parse(text);
      return result.ok || [400, 413, 414, 505].includes(result.status);
    }),
    { numRuns: 2_000 },
  );
});

test("a header block made to be slow costs no more than a long plain one", () => {
  const long = 15_000;
  const attacks = [
    `Via: SIP/2.0/TLS h${" ".repeat(long)}x`,
    `Via: SIP${" ".repeat(long)}x`,
    `Contact: ${'"\\'.repeat(long / 2)}`,
    `Contact: <sip:a@b>${";x".repeat(long / 2)}`,
    `Contact: <sip:${"a-".repeat(long / 2)}_>`,
    `Contact: <sip:a@${"a-".repeat(long / 2)}>`,
    `Content-Type: ${"a".repeat(long)}/${" ".repeat(10)}`,
    `Call-ID: ${"<".repeat(long)} `,
    `To: ${"a ".repeat(long / 2)}`,
    `X: ${"\r\n ".repeat(long / 3)}`,
    `Contact: ${",".repeat(long)}`,
  ];
  const time = (text: string) => {
    const start = performance.now();
    for (let again = 0; again < 5; again++) parse(text);
    return (performance.now() - start) / 5;
  };
  time(options(`X: ${"x".repeat(long)}`));
  // A quadratic pass over 15,000 characters takes about 100 ms; a linear one under 2.
  for (const attack of attacks)
    expect([attack.slice(0, 20), time(options(attack)) < 25]).toEqual([attack.slice(0, 20), true]);
});
