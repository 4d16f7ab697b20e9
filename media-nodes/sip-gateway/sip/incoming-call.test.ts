/** INVITEs that come in: reliable provisional responses, repeats, merges, and applications that fail. */
import { expect, test, vi } from "vitest";
import { pair, settle } from "../../../tests/support/sip-pair.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Header } from "./message.ts";

const sdp = "v=0\r\n";
const reliable: readonly Header[] = [["require", "100rel"]];

test("where the caller requires it, provisional responses go one at a time, each acknowledged by PRACK, and the 200 waits", async () => {
  const world = pair((call) => {
    call.ringing();
    call.progress(sdp);
    void call.answer(sdp);
  });
  const answered = vi.fn();
  world.press(reliable).onAnswer(answered);
  await settle();
  expect(answered).toHaveBeenCalledOnce();
  expect(
    world.wire.map((line) =>
      line
        .split(" ")
        .slice(0, 3)
        .join(" ")
        .replace(/ sip:.*/, ""),
    ),
  ).toEqual([
    "a INVITE",
    "b SIP/2.0 100",
    "b SIP/2.0 180",
    "a PRACK",
    "b SIP/2.0 183",
    "b SIP/2.0 200",
    "a PRACK",
    "b SIP/2.0 200",
    "b SIP/2.0 200",
    "a ACK",
  ]);
});

test("a reliable provisional response is repeated with back-off, and after 32 s without PRACK the call refused with 504", async () => {
  const world = pair((call) => call.progress(sdp));
  const original = world.a.send.bind(world.a);
  world.a.send = (text) => (text.startsWith("PRACK") ? undefined : original(text));
  world.press(reliable);
  await settle();
  const sent = () => world.wire.filter((line) => line.startsWith("b SIP/2.0 183")).length;
  expect(sent()).toBe(1);
  for (const [after, count] of [
    [500, 2],
    [999, 2],
    [1, 3],
    [2_000, 4],
  ] as const) {
    world.clock.advance(after);
    expect(sent()).toBe(count);
  }
  world.clock.advance(29_000);
  await settle();
  expect(world.wire).toContain("b SIP/2.0 504 No PRACK");
});

test("a caller that doesn't require it hears provisional responses as ever", async () => {
  const world = pair((call) => call.ringing());
  world.press();
  await settle();
  expect(world.wire).toHaveLength(3);
});

test("an INVITE sent twice rings once and hears its last response again", async () => {
  const onCall = vi.fn((call: IncomingCall) => call.ringing());
  const world = pair(onCall);
  const original = world.a.send.bind(world.a);
  world.a.send = (text) => {
    original(text);
    original(text);
  };
  world.press();
  await settle();
  expect(onCall).toHaveBeenCalledOnce();
  expect(world.wire.filter((line) => line.startsWith("b SIP/2.0 180"))).toHaveLength(2);
});

test("an INVITE that arrives by two ways is answered 482 on the second", async () => {
  const onCall = vi.fn((call: IncomingCall) => call.ringing());
  const world = pair(onCall);
  const original = world.a.send.bind(world.a);
  world.a.send = (text) => {
    original(text);
    if (text.startsWith("INVITE")) original(text.replace(/branch=z9hG4bK/, "branch=z9hG4bKother"));
  };
  world.press();
  await settle();
  expect(onCall).toHaveBeenCalledOnce();
  expect(world.wire.filter((line) => line.includes("482"))).toHaveLength(1);
});

test("where the application fails, the request is answered with 500 and the failure told", async () => {
  const onError = vi.fn();
  const fail = () => {
    throw new Error("broken");
  };
  const world = pair(fail, { onError, onMessage: fail });
  const failed = vi.fn();
  world.press().onFailure(failed);
  const address = "<sip:x@gateway.example>";
  const answer = await world.station.request(world.a, {
    method: "MESSAGE",
    uri: "sip:x@gateway.example",
    from: address,
    to: address,
  });
  await settle();
  expect(answer.status).toBe(500);
  expect(failed).toHaveBeenCalledWith(500, "Server Internal Error");
  expect(onError).toHaveBeenCalledTimes(2);
});

test("a caller whose connection goes leaves no call and, after its transactions' time, no timer", async () => {
  const ended = vi.fn();
  const world = pair((call) => {
    call.ringing();
    call.dialog.onEnd(ended);
  });
  world.press();
  await settle();
  world.a.close("error");
  expect(ended).toHaveBeenCalledWith("flow-lost");
  world.clock.advance(32_000);
  await settle();
  expect(world.clock.waiting()).toBe(0);
});
