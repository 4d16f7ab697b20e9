import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acknowledge, type LinkFrame, newLink, number, receive, renumber, resume } from "./numbered-link.ts";

type Step = "send" | "arrive" | "ack" | "break" | "send-back";

/** Two sides over a connection that loses everything under way when it breaks. */
function run(steps: readonly Step[]) {
  let left = newLink<number>();
  let right = newLink<string>();
  let wire: LinkFrame<number>[] = [];
  let back: { ack: number }[] = [];
  let message = 0;
  const delivered: number[] = [];
  const verdicts = new Set<string>();
  const arrive = () => {
    const frame = wire.shift();
    if (!frame) return;
    const got = receive(right, frame);
    right = got.link;
    verdicts.add(got.verdict);
    if (got.verdict === "new") delivered.push(frame.body);
    back.push({ ack: right.received });
  };
  const reconnect = () => {
    wire = [];
    back = [];
    const again = resume(left, right.received);
    expect(again.lost).toBe(false);
    left = again.link;
    wire.push(...again.frames);
  };
  for (const step of steps) {
    if (step === "send") {
      const out = number(left, message++);
      left = out.link;
      wire.push(out.frame);
    } else if (step === "arrive") arrive();
    else if (step === "ack") {
      const ack = back.shift();
      if (ack) left = acknowledge(left, ack.ack);
    } else if (step === "send-back") {
      const out = number(right, "word");
      right = out.link;
      left = receive(left, out.frame).link;
    } else reconnect();
  }
  reconnect();
  while (wire.length > 0) arrive();
  return { delivered, message, verdicts, left, right };
}

describe("a numbered link", () => {
  it("delivers every message once and in order, however often the connection breaks", () => {
    const step = fc.constantFrom<Step>("send", "arrive", "ack", "break", "send-back");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { delivered, message, verdicts, left, right } = run(steps);
        expect(delivered).toEqual(Array.from({ length: message }, (_, i) => i));
        expect(verdicts.has("gap")).toBe(false);
        expect(acknowledge(left, right.received).kept).toEqual([]);
      }),
    );
  });

  it("keeps messages in order and without gaps, so that a resend can't skip one", () => {
    const { left } = run(["send", "send", "arrive", "ack", "send"]);
    expect(left.kept.map((kept) => kept.seq)).toEqual([2, 3]);
  });

  it("drops a frame it has, and takes its acknowledgement all the same", () => {
    const sent = number(newLink<string>(), "hello");
    const first = receive(sent.link, { seq: 1, ack: 0 });
    const second = receive(first.link, { seq: 1, ack: 1 });
    expect(second.verdict).toBe("repeated");
    expect(second.link.kept).toEqual([]);
  });

  it("names a gap instead of carrying out what comes behind it", () => {
    const got = receive(newLink<string>(), { seq: 2, ack: 0 });
    expect(got.verdict).toBe("gap");
    expect(got.link.received).toBe(0);
  });

  it("sees that the other side forgot what it had acknowledged", () => {
    const link = acknowledge(number(number(newLink<string>(), "a").link, "b").link, 1);
    expect(resume(link, 0).lost).toBe(true);
    expect(resume(link, 7).lost).toBe(true);
    expect(resume(link, 1).frames).toEqual([{ seq: 2, ack: 0, body: "b" }]);
  });

  it("begins anew with what was never acknowledged", () => {
    const link = acknowledge(number(number(newLink<string>(), "a").link, "b").link, 1);
    expect(renumber(link)).toEqual({ next: 2, received: 0, kept: [{ seq: 1, body: "b" }] });
  });

  it("goes on behind what the other side has, when only this side forgot", () => {
    expect(number(newLink<string>(41), "a").frame.seq).toBe(42);
  });
});
