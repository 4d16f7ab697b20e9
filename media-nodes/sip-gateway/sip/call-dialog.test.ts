/** What holds a call together, and who may speak in it. */
import { expect, test, vi } from "vitest";
import { pair, settle } from "../../../tests/support/sip-pair.ts";
import type { CallDialog, OfferOutcome } from "./call-dialog.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Header } from "./message.ts";
import type { UserAgentOptions } from "./user-agent.ts";

const sdp = "v=0\r\n";
const answerOf = (sdp: string) => ({ ok: true, sdp }) as const;

/** A call answered at once: the station's dialog and the gateway's. */
async function talk(
  headers: readonly Header[] = [],
  asTheStationWrites = (text: string) => text,
  more: Partial<UserAgentOptions> = {},
) {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    void call.answer(sdp);
  }, more);
  const send = world.a.send.bind(world.a);
  world.a.send = (text) => send(asTheStationWrites(text));
  let dialog: CallDialog | undefined;
  world.press(headers).onAnswer((answer) => {
    dialog = answer.dialog;
  });
  await settle();
  if (!incoming || !dialog) throw new Error("not answered");
  const ends: string[] = [];
  incoming.dialog.onEnd((why) => ends.push(why));
  return { ...world, incoming, dialog, ends };
}

const methods = (wire: readonly string[], from: "a" | "b") =>
  wire.filter((line) => line.startsWith(`${from} `) && !line.includes("SIP/2.0 ")).map((line) => line.split(" ")[1]);

test("the caller refreshes the session by UPDATE at half its interval, for as long as the call lasts", async () => {
  const { clock, wire, ends } = await talk([["session-expires", "90;refresher=uac"]]);
  for (let again = 0; again < 10; again++) {
    clock.advance(45_000);
    await settle();
  }
  expect(wire.filter((line) => line.startsWith("a UPDATE"))).toHaveLength(10);
  expect(ends).toEqual([]);
});

test("a peer without UPDATE is refreshed by re-INVITE with the session as it stands", async () => {
  const { clock, wire, ends, dialog } = await talk([["session-expires", "90;refresher=uas"]], (text) =>
    text.replace("UPDATE, ", ""),
  );
  const offered = vi.fn(async () => answerOf("v=0\r\n"));
  dialog.onOffer(offered);
  clock.advance(45_000);
  await settle();
  expect(methods(wire, "b")).toEqual(["INVITE", "ACK"]);
  clock.advance(45_000);
  await settle();
  expect(methods(wire, "b")).toEqual(["INVITE", "ACK", "INVITE", "ACK"]);
  expect(offered).toHaveBeenCalledWith(sdp);
  expect(ends).toEqual([]);
});

test("an interval below the least is refused with 422 and the least", async () => {
  const world = pair((call) => void call.answer(sdp));
  const failed = vi.fn();
  world.press([["session-expires", "60"]]).onFailure(failed);
  await settle();
  expect(failed).toHaveBeenCalledWith(422, "Session Interval Too Small");
});

test("a new offer is answered by the application when it knows, and refused with the status it gives or 488", async () => {
  const { incoming, dialog } = await talk();
  expect((await dialog.offer("v=0\r\ns=1\r\n")).status).toBe(488);
  const decide = Promise.withResolvers<OfferOutcome>();
  incoming.dialog.onOffer(() => decide.promise);
  const offered = dialog.offer("v=0\r\ns=2\r\n");
  await settle();
  decide.resolve(answerOf("v=0\r\ns=answer\r\n"));
  expect(await offered).toMatchObject({ status: 200, body: "v=0\r\ns=answer\r\n" });
  incoming.dialog.onOffer(async () => ({ ok: false, status: 503, reason: "no free media ports" }));
  expect(await dialog.offer("v=0\r\ns=3\r\n")).toMatchObject({ status: 503, reason: "no free media ports" });
});

test("a re-INVITE without an offer gets the session as it is after the last one", async () => {
  const { incoming, dialog } = await talk();
  expect(await dialog.offer("")).toMatchObject({ status: 200, body: sdp });
  incoming.dialog.onOffer(async () => answerOf("v=0\r\ns=held\r\n"));
  await dialog.offer("v=0\r\ns=hold\r\n");
  expect(await dialog.offer("")).toMatchObject({ status: 200, body: "v=0\r\ns=held\r\n" });
});

test("an application that fails over an offer costs the offer, not the call", async () => {
  const onError = vi.fn();
  const { incoming, dialog, ends } = await talk([], undefined, { onError });
  incoming.dialog.onOffer(() => Promise.reject(new Error("broken")));
  expect((await dialog.offer("v=0\r\ns=1\r\n")).status).toBe(500);
  expect(onError).toHaveBeenCalledOnce();
  expect(ends).toEqual([]);
});

test("while one offer is being answered the peer's next gets 500 with the time to wait, and ours waits", async () => {
  const { incoming, dialog, a, wire } = await talk();
  const decide = Promise.withResolvers<OfferOutcome>();
  incoming.dialog.onOffer(() => decide.promise);
  let invite = "";
  const original = a.send.bind(a);
  a.send = (text) => {
    if (text.startsWith("INVITE")) invite = text;
    original(text);
  };
  const first = dialog.offer("v=0\r\ns=1\r\n");
  await settle();
  const ours = incoming.dialog.offer("v=0\r\ns=ours\r\n");
  // The same again as another transaction, which no client of ours would send.
  original(
    invite.replace(/branch=[^;]+/, "branch=z9hG4bKsecond").replace(/CSeq: (\d+)/i, (_, n) => `CSeq: ${Number(n) + 1}`),
  );
  await settle();
  expect(wire.at(-1)).toBe("b SIP/2.0 500 Server Internal Error");
  expect(methods(wire, "b")).not.toContain("INVITE");
  decide.resolve(answerOf(sdp));
  expect((await first).status).toBe(200);
  await ours;
  expect(methods(wire, "b")).toContain("INVITE");
});

test("an UPDATE with an offer waits for the INVITE's own answer, and is then answered like a re-INVITE", async () => {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    call.dialog.onOffer(async (offer) => answerOf(offer.replace("v=0", "v=0\r\ns=answer")));
    call.progress(sdp);
  });
  const said = { a: [""], b: [""] };
  for (const end of ["a", "b"] as const) {
    const send = world[end].send.bind(world[end]);
    world[end].send = (text) => {
      said[end].push(text);
      send(text);
    };
  }
  world.press();
  await settle();
  const tag = /^To: .*;tag=(\S+)/m.exec(said.b.at(-1) ?? "")?.[1];
  const update = (number: number) =>
    (said.a[1] ?? "")
      .replace(/^INVITE/, "UPDATE")
      .replace(/^CSeq: .*$/m, `CSeq: ${number} UPDATE`)
      .replace(/branch=[^;]+/, `branch=z9hG4bK${number}`)
      .replace(/^To: .*>/m, `$&;tag=${tag}`);
  world.a.send(update(2));
  await settle();
  expect(said.b.at(-1)).toMatch(/^SIP\/2\.0 500 .*Retry-After: /s);
  void incoming?.answer(sdp);
  await settle();
  world.a.send(update(3));
  await settle();
  expect(said.b.at(-1)).toMatch(/^SIP\/2\.0 200 .*CSeq: 3 UPDATE.*\r\n\r\nv=0\r\ns=answer\r\n$/s);
});

test("an offer that BYE overtakes ends with 487", async () => {
  const { incoming, dialog, wire } = await talk();
  const decide = Promise.withResolvers<OfferOutcome>();
  incoming.dialog.onOffer(() => decide.promise);
  void dialog.offer("v=0\r\ns=1\r\n");
  await settle();
  dialog.bye();
  decide.resolve(answerOf(sdp));
  await settle();
  expect(wire).toContain("b SIP/2.0 487 Request Terminated");
});

test("two offers of one side go one after the other", async () => {
  const { incoming, dialog, wire } = await talk();
  incoming.dialog.onOffer(async (offer) => answerOf(offer));
  const both = await Promise.all([dialog.offer("v=0\r\ns=1\r\n"), dialog.offer("v=0\r\ns=2\r\n")]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(methods(wire, "a").slice(2)).toEqual(["INVITE", "ACK", "INVITE", "ACK"]);
});

test("a re-INVITE whose 200 nobody acknowledges ends the call by BYE", async () => {
  const { dialog, a, clock, ends, wire } = await talk();
  const original = a.send.bind(a);
  a.send = (text) => (text.startsWith("ACK") ? undefined : original(text));
  void dialog.offer("v=0\r\ns=1\r\n");
  await settle();
  clock.advance(32_000);
  await settle();
  expect(ends).toEqual(["unacknowledged"]);
  expect(methods(wire, "b")).toContain("BYE");
});

test("DTMF by INFO reaches the application; without one an INFO of unknown type is refused", async () => {
  const { incoming, dialog } = await talk();
  expect((await dialog.info("application/dtmf-relay", "Signal=1\r\n")).status).toBe(415);
  const heard = vi.fn(() => 200);
  incoming.dialog.onInfo(heard);
  expect((await dialog.info("application/dtmf-relay", "Signal=1\r\n")).status).toBe(200);
  expect(heard).toHaveBeenCalledWith("application/dtmf-relay", "Signal=1\r\n");
});

test("nobody ends a call over another connection, even with its tags", async () => {
  const { a, gateway, dialog, ends } = await talk();
  const stranger = pair(() => {});
  gateway.attach(stranger.b);
  const original = a.send.bind(a);
  // A BYE as the station would send it, taken off its wire …
  let bye = "";
  a.send = (text) => {
    bye = text;
  };
  dialog.bye();
  a.send = original;
  // … and sent over another one.
  const answers: number[] = [];
  stranger.a.onMessage((message) => message.kind === "response" && answers.push(message.status));
  stranger.a.send(bye);
  await settle();
  expect(answers).toContain(481);
  expect(ends).toEqual([]);
  a.send(bye);
  await settle();
  expect(ends).toEqual(["bye-received"]);
});
