import { expect, test, vi } from "vitest";
import { pair, settle } from "../../../tests/support/sip-pair.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { mostTransactions } from "./user-agent.ts";

test("a call rings, shows early media, is answered and acknowledged, and ends by either BYE", async () => {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    call.ringing();
    call.progress("v=0\r\ns=early\r\n");
  });
  const call = world.press();
  const progress = vi.fn();
  call.onProgress(progress);
  const answer = vi.fn();
  call.onAnswer(answer);
  await settle();
  expect(progress.mock.calls.map(([status]) => status)).toEqual([180, 183]);
  const acknowledged = incoming?.answer("v=0\r\ns=answer\r\n");
  await settle();
  expect(await acknowledged).toBe(true);
  expect(answer).toHaveBeenCalledOnce();
  const ended = vi.fn();
  incoming?.dialog.onEnd(ended);
  answer.mock.calls[0]?.[0].dialog.bye();
  await settle();
  expect(ended).toHaveBeenCalledWith("bye-received");
  expect(world.wire.filter((line) => line.includes("BYE"))).toEqual([
    "a BYE sip:gateway@127.0.0.1:5061;transport=tls SIP/2.0",
  ]);
});

test("a CANCEL before the answer ends the call with 487, and the answer that follows is refused", async () => {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    call.ringing();
  });
  const call = world.press();
  const failed = vi.fn();
  call.onFailure(failed);
  await settle();
  const cancelled = vi.fn();
  incoming?.onCancel(cancelled);
  call.cancel();
  await settle();
  expect(cancelled).toHaveBeenCalledOnce();
  expect(failed).toHaveBeenCalledWith(487, "Request Terminated");
  expect(await incoming?.answer("v=0\r\n")).toBe(false);
});

test("an answer that crosses a CANCEL is acknowledged and ended by BYE", async () => {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    call.ringing();
  });
  const call = world.press();
  const failed = vi.fn();
  call.onFailure(failed);
  await settle();
  const ended = vi.fn();
  incoming?.dialog.onEnd(ended);
  void incoming?.answer("v=0\r\n"); // its 200 and the CANCEL are both under way
  call.cancel();
  await settle();
  expect(world.wire.map((line) => line.split(" ").slice(0, 2).join(" "))).toContain("a BYE");
  expect(ended).toHaveBeenCalledWith("bye-received");
  expect(failed).toHaveBeenCalledWith(487, "Request Terminated");
});

test("a 200 that nobody acknowledges is repeated with back-off for 32 s and then ended by BYE", async () => {
  const world = pair((call) => void call.answer("v=0\r\n"));
  const sent: string[] = [];
  const original = world.a.send.bind(world.a);
  world.a.send = (text) => (text.startsWith("ACK") ? void sent.push(text) : original(text));
  world.press();
  await settle();
  world.clock.advance(33_000);
  await settle();
  expect(world.wire.filter((line) => line === "b SIP/2.0 200 OK").length).toBeGreaterThan(8);
  expect(world.wire.at(-2)).toContain("b BYE");
});

test("re-INVITEs that cross are both refused with 491, and both made again, first by who did not call", async () => {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    void call.answer("v=0\r\n");
  });
  const answer = vi.fn();
  world.press().onAnswer(answer);
  await settle();
  const { dialog } = answer.mock.calls[0]?.[0] ?? {};
  for (const end of [dialog, incoming?.dialog]) end.onOffer(async (sdp: string) => ({ ok: true, sdp }));
  const ours = dialog.offer("v=0\r\ns=a\r\n");
  const theirs = incoming?.dialog.offer("v=0\r\ns=b\r\n");
  await settle();
  expect(world.wire.filter((line) => line.includes("491"))).toHaveLength(2);
  world.clock.advance(2_000);
  await settle();
  expect((await theirs)?.status).toBe(200);
  world.clock.advance(2_000);
  await settle();
  expect((await ours).status).toBe(200);
});

test("a lost connection ends the call on both sides", async () => {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    void call.answer("v=0\r\n");
  });
  const answer = vi.fn();
  world.press().onAnswer(answer);
  await settle();
  const ends: string[] = [];
  incoming?.dialog.onEnd((why) => ends.push(why));
  answer.mock.calls[0]?.[0].dialog.onEnd((why: string) => ends.push(why));
  world.a.close("error");
  expect(ends).toEqual(["flow-lost", "flow-lost"]);
});

test("a session that the caller promised to refresh and did not is ended", async () => {
  const world = pair((call) => void call.answer("v=0\r\n"));
  world.station
    .call(world.a, {
      uri: "sip:reception@gateway.example",
      from: "<sip:station@gateway.example>",
      to: "<sip:reception@gateway.example>",
      sdp: "v=0\r\n",
      headers: [["session-expires", "90;refresher=uac"]],
    })
    .onAnswer(({ dialog }) => {
      // A caller that forgets: its refreshes never leave.
      dialog.onEnd(() => {});
    });
  await settle();
  const original = world.a.send.bind(world.a);
  world.a.send = (text) => (text.startsWith("UPDATE") ? undefined : original(text));
  world.clock.advance(91_000);
  await settle();
  expect(world.wire.some((line) => line.startsWith("b BYE"))).toBe(true);
});

test("an unknown dialog is answered with 481, an unknown extension with 420, a method not served with 405", async () => {
  const world = pair(() => {});
  const bye = await Promise.all([
    world.station.request(world.a, {
      method: "OPTIONS",
      uri: "sip:gateway.example",
      from: "<sip:station@gateway.example>",
      to: "<sip:gateway.example>",
      headers: [["require", "nothing-known"]],
    }),
    world.station.request(world.a, {
      method: "OPTIONS",
      uri: "sip:gateway.example",
      from: "<sip:station@gateway.example>",
      to: "<sip:gateway.example>;tag=gone",
    }),
    world.station.request(world.a, {
      method: "MESSAGE",
      uri: "sip:gateway.example",
      from: "<sip:station@gateway.example>",
      to: "<sip:gateway.example>",
    }),
  ]);
  expect(bye.map(({ status }) => status)).toEqual([420, 481, 405]);
});

test("a request nobody answers fails after 32 s, and at once where the connection ends", async () => {
  const world = pair(() => {});
  const original = world.b.send.bind(world.b);
  world.b.send = () => original;
  const options = {
    method: "OPTIONS",
    uri: "sip:gateway.example",
    from: "<sip:station@gateway.example>",
    to: "<sip:gateway.example>",
  } as const;
  const slow = world.station.request(world.a, options).catch(({ failure }) => failure);
  await settle();
  world.clock.advance(32_000);
  expect(await slow).toBe("timeout");
  const cut = world.station.request(world.a, options).catch(({ failure }) => failure);
  world.a.close("error");
  expect(await cut).toBe("flow-ended");
});

test("of a station that asks without a pause no more is kept than it may have, and once it paused it is answered again", async () => {
  const world = pair(() => {});
  const ask = () =>
    world.station.request(world.a, {
      method: "OPTIONS",
      uri: "sip:gateway.example",
      from: "<sip:station@gateway.example>",
      to: "<sip:gateway.example>",
    });
  const answers = await Promise.all(Array.from({ length: mostTransactions + 2 }, ask));
  expect(answers.map(({ status }) => status)).toEqual([...Array(mostTransactions).fill(200), 503, 503]);
  world.clock.advance(5_000);
  expect((await ask()).status).toBe(200);
});
