/** What holds a call together, and who may speak in it. */
import { expect, test, vi } from "vitest";
import { pair, settle } from "../../../tests/support/sip-pair.ts";
import type { CallDialog } from "./call-dialog.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Header } from "./message.ts";

const sdp = "v=0\r\n";

/** A call answered at once: the station's dialog and the gateway's. */
async function talk(headers: readonly Header[] = [], asTheStationWrites = (text: string) => text) {
  let incoming: IncomingCall | undefined;
  const world = pair((call) => {
    incoming = call;
    void call.answer(sdp);
  });
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
  const { clock, wire, ends } = await talk([["session-expires", "90;refresher=uas"]], (text) =>
    text.replace("UPDATE, ", ""),
  );
  clock.advance(45_000);
  await settle();
  expect(methods(wire, "b")).toEqual(["INVITE", "ACK"]);
  clock.advance(45_000);
  await settle();
  expect(methods(wire, "b")).toEqual(["INVITE", "ACK", "INVITE", "ACK"]);
  expect(ends).toEqual([]);
});

test("an interval below the least is refused with 422 and the least", async () => {
  const world = pair((call) => void call.answer(sdp));
  const failed = vi.fn();
  world.press([["session-expires", "60"]]).onFailure(failed);
  await settle();
  expect(failed).toHaveBeenCalledWith(422, "Session Interval Too Small");
});

test("a new offer is answered by the application, refused with 488 where it says so, repeated where it says nothing", async () => {
  const { incoming, dialog } = await talk();
  expect(await dialog.offer("v=0\r\ns=1\r\n")).toMatchObject({ status: 200, body: sdp });
  incoming.dialog.onOffer((offer) => (offer.includes("s=2") ? "v=0\r\ns=answer\r\n" : undefined));
  expect(await dialog.offer("v=0\r\ns=2\r\n")).toMatchObject({ status: 200, body: "v=0\r\ns=answer\r\n" });
  expect((await dialog.offer("v=0\r\ns=3\r\n")).status).toBe(488);
});

test("two offers of one side go one after the other", async () => {
  const { dialog, wire } = await talk();
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
