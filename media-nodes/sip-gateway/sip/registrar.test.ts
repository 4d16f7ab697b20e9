import { expect, test, vi } from "vitest";
import { handClock } from "../../../tests/support/hand-clock.ts";
import type { Flow, FlowEnd } from "./flow.ts";
import { parse } from "./parse.ts";
import { createRegistrar, type Registration } from "./registrar.ts";

const device = "4f7d3f0e-52c1-4c0f-9a43-0d2f3a6b7c81";
const other = "7a1c9b52-1d4e-4a7b-8f3c-5e6d7c8b9a02";

let flows = 0;
function fakeFlow(deviceId: string | undefined): Flow & { end(reason: FlowEnd): void; listeners(): number } {
  const handlers: ((reason: FlowEnd) => void)[] = [];
  return {
    id: ++flows,
    deviceId,
    remote: { address: "192.0.2.7", port: 40_000 },
    local: { address: "192.0.2.1", port: 5061 },
    send: () => {},
    close: () => {},
    onMessage: () => {},
    onEnd: (handler) => void handlers.push(handler),
    end: (reason) => handlers.forEach((handler) => void handler(reason)),
    listeners: () => handlers.length,
  };
}

function world() {
  const clock = handClock();
  const onRegistered = vi.fn<(registration: Registration) => void>();
  const onUnregistered = vi.fn();
  const registrar = createRegistrar({ clock, onRegistered, onUnregistered });
  let cseq = 0;
  const register = (flow: Flow, fields: readonly string[], as = device) => {
    const text = [
      "REGISTER sip:gateway.example SIP/2.0",
      "Via: SIP/2.0/TLS 192.0.2.7:40000;branch=z9hG4bKa",
      `From: <sip:${as}@gateway.example>;tag=1`,
      `To: <sip:${as}@gateway.example>`,
      "Call-ID: registration",
      `CSeq: ${++cseq} REGISTER`,
      ...fields,
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n");
    const result = parse(text);
    if (!result.ok || result.message.kind !== "request") throw new Error("malformed");
    const { status, headers = [] } = registrar.register(result.message, flow);
    return { status, contact: headers.find(([name]) => name === "contact")?.[1], headers };
  };
  return { clock, registrar, register, onRegistered, onUnregistered, repeat: () => (cseq -= 1) };
}

const contact = `Contact: <sip:${device}@192.0.2.7:40000;transport=tls>`;

test("a device registers as what its certificate names and as nobody else", () => {
  const { register, registrar } = world();
  expect(register(fakeFlow(other), [contact]).status).toBe(403);
  expect(register(fakeFlow(device), [contact], other).status).toBe(403);
  expect(register(fakeFlow(undefined), [contact]).status).toBe(403);
  expect(registrar.all()).toEqual([]);
  expect(register(fakeFlow(device), [contact]).status).toBe(200);
  expect(registrar.find(device)?.contact).toBe(`sip:${device}@192.0.2.7:40000;transport=tls`);
});

test("a registration too short is refused with the shortest, one too long shortened, one without a wish usual", () => {
  const { register } = world();
  const flow = fakeFlow(device);
  const brief = register(flow, [contact, "Expires: 10"]);
  expect([brief.status, brief.headers]).toEqual([423, [["min-expires", "30"]]]);
  expect(register(flow, [contact, "Expires: 99999"]).contact).toContain(";expires=3600");
  expect(register(flow, [`${contact};expires=60`, "Expires: 99999"]).contact).toContain(";expires=60");
  expect(register(flow, [contact]).contact).toContain(";expires=300");
});

test("a registration nobody refreshes ends by itself, a refreshed one lives on without a second start", () => {
  const { clock, register, onRegistered, onUnregistered, registrar } = world();
  const flow = fakeFlow(device);
  register(flow, [contact, "Expires: 60"]);
  clock.advance(50_000);
  register(flow, [contact, "Expires: 60"]);
  clock.advance(50_000);
  expect(registrar.find(device)).toBeDefined();
  clock.advance(20_000);
  expect(registrar.find(device)).toBeUndefined();
  expect(onRegistered).toHaveBeenCalledOnce();
  expect(onUnregistered.mock.calls.map(([, reason]) => reason)).toEqual(["expired"]);
  expect(clock.waiting()).toBe(0);
});

test("a device signs off by Expires 0 or by Contact *, which wants Expires 0", () => {
  const { register, onUnregistered } = world();
  const flow = fakeFlow(device);
  register(flow, [contact]);
  expect(register(flow, ["Contact: *"]).status).toBe(400);
  expect(register(flow, ["Contact: *", "Expires: 0"]).status).toBe(200);
  register(flow, [contact]);
  expect(register(flow, [`${contact};expires=0`])).toMatchObject({ status: 200, contact: undefined });
  expect(onUnregistered.mock.calls.map(([, reason]) => reason)).toEqual(["asked", "asked"]);
});

test("a lost flow ends its registration, but not that of the newer flow", () => {
  const { register, registrar, onUnregistered } = world();
  const [old, current] = [fakeFlow(device), fakeFlow(device)];
  register(old, [contact]);
  register(current, [contact]);
  old.end("error");
  expect(registrar.find(device)?.flow).toBe(current);
  expect(register(old, [`${contact};expires=0`]).status).toBe(200); // says good-bye for itself alone
  expect(registrar.find(device)?.flow).toBe(current);
  current.end("keep-alive-lost");
  expect(registrar.find(device)).toBeUndefined();
  expect(onUnregistered.mock.calls.map(([, reason, end]) => [reason, end])).toEqual([["flow-lost", "keep-alive-lost"]]);
});

test("with outbound the answer asks for it, names the binding by reg-id and instance, and says how often to ping", () => {
  const { register } = world();
  const instance = '"<urn:uuid:4f7d3f0e-52c1-4c0f-9a43-0d2f3a6b7c81>"';
  const answer = register(fakeFlow(device), [
    `${contact};reg-id=1;+sip.instance=${instance}`,
    "Supported: path, outbound",
  ]);
  expect(answer.contact).toContain(`;+sip.instance=${instance};reg-id=1;expires=300`);
  expect(answer.headers).toContainEqual(["require", "outbound"]);
  expect(answer.headers).toContainEqual(["flow-timer", "25"]);
});

test("a request out of order, a second Contact and a question without one", () => {
  const { register, repeat } = world();
  const flow = fakeFlow(device);
  register(flow, [contact]);
  repeat();
  expect(register(flow, [contact]).status).toBe(500);
  expect(register(flow, [contact, "Contact: <sip:second@192.0.2.8>"]).status).toBe(400);
  expect(register(flow, []).contact).toContain("expires=300");
});

test("signing on and off again and again leaves one listener on the flow and no timer", () => {
  const { register, clock } = world();
  const flow = fakeFlow(device);
  for (let again = 0; again < 100; again++) {
    register(flow, [contact]);
    register(flow, [`${contact};expires=0`]);
  }
  expect(flow.listeners()).toBe(1);
  expect(clock.waiting()).toBe(0);
});

test("a station of ours is told apart by its Contact", () => {
  const { register, registrar } = world();
  register(fakeFlow(device), [`${contact};+symphony.station`]);
  expect(registrar.find(device)?.isStation).toBe(true);
});
