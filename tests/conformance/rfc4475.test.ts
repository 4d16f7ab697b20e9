/**
 * RFC 4475: each of its messages by name, what the parser says of it, and what goes out on a TLS flow that it comes in on.
 * The RFC's messages came by datagram; on a stream one without a usable Content-Length also ends the flow (RFC 3261 §18.3).
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import { createFlow, type FlowEnd } from "#media-nodes/sip-gateway/sip/flow.ts";
import { parse } from "#media-nodes/sip-gateway/sip/parse.ts";
import { createRegistrar } from "#media-nodes/sip-gateway/sip/registrar.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import { handClock } from "../support/hand-clock.ts";
import { invalid } from "./rfc4475/invalid.ts";
import { semantic } from "./rfc4475/semantic.ts";
import { valid } from "./rfc4475/valid.ts";

const messages = { ...valid, ...invalid, ...semantic };
type Name = keyof typeof messages;

interface Expected {
  section: string;
  /** What the parser makes of it: well-formed, or the status it deserves. */
  parsed: "request" | "response" | number;
  /** The statuses that go out, in order. */
  answers: readonly number[];
  /** The flow ends after it. */
  ends?: true;
  why: string;
}

/** Rings: the application takes the call and says 180. */
const rings = [100, 180];

const expected: Record<Name, Expected> = {
  wsinv: { section: "3.1.1.1", parsed: "request", answers: [481], why: "a To tag names a dialog, and there is none" },
  intmeth: { section: "3.1.1.2", parsed: "request", answers: [501], why: "an unknown method" },
  esc01: { section: "3.1.1.3", parsed: "request", answers: rings, why: "escapes in URIs" },
  escnull: { section: "3.1.1.4", parsed: "request", answers: [403], why: "no certificate names null-%00-null" },
  esc02: { section: "3.1.1.5", parsed: "request", answers: [501], why: "RE%47IST%45R is not REGISTER" },
  lwsdisp: { section: "3.1.1.6", parsed: "request", answers: [200], why: "no space before < is accepted" },
  longreq: { section: "3.1.1.7", parsed: "request", answers: rings, why: "long values within our bounds" },
  // By datagram the rest is noise; on a stream it is an INVITE without Contact, and its length leads nowhere.
  dblreq: { section: "3.1.1.8", parsed: "request", answers: [403, 400], ends: true, why: "octets after the body" },
  semiuri: { section: "3.1.1.9", parsed: "request", answers: [200], why: "a semicolon within the user part" },
  transports: { section: "3.1.1.10", parsed: "request", answers: [200], why: "unknown transports in Via" },
  mpart01: { section: "3.1.1.11", parsed: "request", answers: [415], why: "a MESSAGE of a type we don't take" },
  unreason: { section: "3.1.1.12", parsed: "response", answers: [], why: "a response to nothing of ours" },
  noreason: { section: "3.1.1.13", parsed: "response", answers: [], why: "an empty reason phrase" },

  badinv01: { section: "3.1.2.1", parsed: 400, answers: [400], why: "extraneous separators" },
  clerr: { section: "3.1.2.2", parsed: 400, answers: [], why: "on a stream: waits for a body that never comes" },
  ncl: { section: "3.1.2.3", parsed: 400, answers: [400], ends: true, why: "a negative Content-Length" },
  scalar02: { section: "3.1.2.4", parsed: 400, answers: [400], why: "numbers beyond their range in a request" },
  scalarlg: { section: "3.1.2.5", parsed: 400, answers: [], why: "numbers beyond their range in a response: dropped" },
  quotbal: { section: "3.1.2.6", parsed: 400, answers: [400], why: "an open quote" },
  ltgtruri: { section: "3.1.2.7", parsed: 400, answers: [400], why: "a Request-URI in angle brackets" },
  lwsruri: { section: "3.1.2.8", parsed: 400, answers: [400], why: "white space within the Request-URI" },
  lwsstart: { section: "3.1.2.9", parsed: 400, answers: [400], why: "two spaces in the request line" },
  trws: { section: "3.1.2.10", parsed: 400, answers: [400], why: "spaces after the version" },
  escruri: { section: "3.1.2.11", parsed: "request", answers: [400], why: "header fields in the Request-URI" },
  baddate: { section: "3.1.2.12", parsed: 400, answers: [400], why: "a Date not in GMT" },
  regbadct: { section: "3.1.2.13", parsed: 400, answers: [400], why: "a Contact that needs angle brackets" },
  badaspec: { section: "3.1.2.14", parsed: 400, answers: [400], why: "spaces within a URI" },
  baddn: { section: "3.1.2.15", parsed: 400, answers: [400], why: "a comma in a display name without quotes" },
  badvers: { section: "3.1.2.16", parsed: 505, answers: [505], why: "SIP/7.0" },
  mismatch01: { section: "3.1.2.17", parsed: 400, answers: [400], why: "CSeq names another method" },
  mismatch02: { section: "3.1.2.18", parsed: 400, answers: [400], why: "the same with an unknown method" },
  bigcode: { section: "3.1.2.19", parsed: 400, answers: [], why: "a status beyond its range: dropped" },

  badbranch: { section: "3.2.1", parsed: "request", answers: [200], why: "matched as RFC 2543 does" },

  insuf: { section: "3.3.1", parsed: 400, answers: [400], why: "From, To and Call-ID missing" },
  unkscm: { section: "3.3.2", parsed: "request", answers: [416], why: "an unknown scheme in the Request-URI" },
  novelsc: { section: "3.3.3", parsed: "request", answers: [416], why: "a known scheme that is not SIP's" },
  unksm2: { section: "3.3.4", parsed: "request", answers: [400], why: "an address of record must be a SIP URI" },
  bext01: { section: "3.3.5", parsed: "request", answers: [420], why: "unknown extensions required" },
  invut: { section: "3.3.6", parsed: "request", answers: [415], why: "an INVITE without SDP in its body" },
  regaut01: {
    section: "3.3.7",
    parsed: "request",
    answers: [200],
    why: "credentials play no part: the certificate does",
  },
  multi01: { section: "3.3.8", parsed: 400, answers: [400], why: "two of what must be single" },
  mcl01: { section: "3.3.9", parsed: 400, answers: [400], ends: true, why: "two Content-Lengths" },
  bcast: { section: "3.3.10", parsed: "response", answers: [], why: "a response to somebody else: dropped" },
  zeromf: { section: "3.3.11", parsed: "request", answers: [200], why: "an end forwards nothing: 483 is for proxies" },
  cparam01: { section: "3.3.12", parsed: "request", answers: [200], why: "a parameter of the Contact" },
  cparam02: { section: "3.3.13", parsed: "request", answers: [200], why: "a parameter of the Contact's URI" },
  regescrt: { section: "3.3.14", parsed: "request", answers: [200], why: "header fields in a Contact URI are legal" },
  sdp01: { section: "3.3.15", parsed: "request", answers: [406], why: "Accept leaves out SDP" },
  inv2543: { section: "3.4.1", parsed: "request", answers: [400], ends: true, why: "no Content-Length on a stream" },
};

/** The device that a certificate would name, where a REGISTER is meant to come from its own. */
const devices: Partial<Record<Name, string>> = {
  cparam01: "watson",
  cparam02: "watson",
  regescrt: "user",
  regaut01: "j.user",
};

let server: Server;
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => void server.close());

/** A flow with a user agent behind it, and the peer's end of its connection. */
async function world(device: string, clock = systemClock) {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const peer = connect(address.port, "127.0.0.1");
  const [socket]: Socket[] = await once(server, "connection");
  if (!socket) throw new Error("no connection");
  const flow = createFlow(socket, { clock, deviceId: device });
  const registrar = createRegistrar({ clock, onRegistered: () => {}, onUnregistered: () => {} });
  const ends: FlowEnd[] = [];
  flow.onEnd((reason) => ends.push(reason));
  createUserAgent({
    clock,
    contact: () => "<sip:gateway@127.0.0.1>",
    sentBy: "127.0.0.1:5061",
    onCall: (call) => call.ringing(),
    onRegister: registrar.register,
    onMessage: () => ({ status: 415, headers: [["accept", "application/vnd.symphony.station+json"]] }),
    onError: (error) => {
      throw error;
    },
  }).attach(flow);
  let heard = "";
  peer.on("data", (data) => {
    heard += data.toString("latin1");
  });
  return { peer, flow, ends, heard: () => heard };
}

const lastCall = "last-call";
/** What shows, by its answer, that everything sent before was dealt with. */
const barrier =
  "OPTIONS sip:end SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKend\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n" +
  `Call-ID: ${lastCall}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;

/** Sends a message; resolves with everything answered once the barrier is, or the flow has ended. */
async function answersTo(name: Name) {
  const { peer, ends, heard } = await world(devices[name] ?? "nobody");
  peer.write(Buffer.from(messages[name] + barrier, "latin1"));
  await new Promise<void>((resolve) => {
    peer.on("data", () => heard().includes(lastCall) && resolve());
    peer.on("close", () => resolve());
  });
  peer.destroy();
  const responses = heard()
    .split(/(?=^SIP\/2\.0 )/m)
    .filter((text) => text !== "" && !text.includes(lastCall));
  return { responses, statuses: responses.map((text) => Number(text.slice(8, 11))), ended: ends.length > 0 };
}

test("all of the RFC's messages are here", () => {
  expect(Object.keys(messages)).toHaveLength(49);
});

for (const name of Object.keys(expected) as Name[]) {
  const { section, parsed, answers, ends, why } = expected[name];
  test(`${section} ${name}: ${why}`, async () => {
    const result = parse(messages[name]);
    expect(result.ok ? result.message.kind : result.status).toBe(parsed);
    if (name === "clerr") return; // below: time decides
    const heard = await answersTo(name);
    expect(heard.statuses).toEqual(answers);
    expect(heard.ended).toBe(ends ?? false);
  });
}

test("3.1.2.2 clerr on a stream: a body that doesn't come ends the flow after 10 s", async () => {
  const clock = handClock();
  const { peer, ends, flow } = await world("nobody", clock);
  const arrived = new Promise<void>((resolve) => flow.onMessage(() => resolve()));
  peer.write(Buffer.from(barrier + messages.clerr, "latin1"));
  await arrived;
  await new Promise(setImmediate);
  clock.advance(9_999);
  expect(ends).toEqual([]);
  clock.advance(1);
  expect(ends).toEqual(["slow"]);
  peer.destroy();
});

test("3.1.1.1 wsinv: folding, spaces and case are seen through", () => {
  const result = parse(valid.wsinv);
  if (!result.ok || result.message.kind !== "request") throw new Error("not parsed");
  const { via, maxForwards, cseq, to, from } = result.message;
  expect(via.map(({ transport, host }) => `${transport} ${host}`)).toEqual([
    "UDP 192.0.2.2",
    "TCP spindle.example.com",
    "UDP 192.168.255.111",
  ]);
  expect([maxForwards, cseq.number, to.params.get("tag"), from.display]).toEqual([
    68,
    9,
    "1918181833n",
    'J Rosenberg \\"',
  ]);
});

test("3.1.1.3 esc01 and 3.1.1.5 esc02: escapes are neither resolved nor invented", () => {
  const escaped = parse(valid.esc01);
  const notEscaped = parse(valid.esc02);
  if (!escaped.ok || !notEscaped.ok || escaped.message.kind !== "request") throw new Error("not parsed");
  expect(escaped.message.uri).toMatchObject({ user: "sips%3Auser%40example.com", host: "example.net" });
  expect(notEscaped.message.headers.filter(([field]) => field === "contact")).toHaveLength(2);
});

test("3.3.5 bext01: the answer names what is not supported, and Allow names what is (intmeth)", async () => {
  expect((await answersTo("bext01")).responses[0]).toContain(
    "Unsupported: nothingSupportsThis, nothingSupportsThisEither\r\n",
  );
  expect((await answersTo("intmeth")).responses[0]).toContain("Allow: INVITE, ACK, BYE");
  expect((await answersTo("invut")).responses[0]).toContain("Accept: application/sdp\r\n");
});

test("3.3.12 to 3.3.14: a Contact's own parameters are no part of where calls go, its URI's are, its headers never", async () => {
  const listed = async (name: "cparam01" | "cparam02" | "regescrt") => (await answersTo(name)).responses[0];
  expect(await listed("cparam01")).toContain("Contact: <sip:+19725552222@gw1.example.net>;expires=");
  expect(await listed("cparam02")).toContain("Contact: <sip:+19725552222@gw1.example.net;unknownparam>;expires=");
  expect(await listed("regescrt")).toContain("Contact: <sip:user@example.com>;expires=");
});
