import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CommandId, commandId, type DoorContact } from "#core/messages/values.ts";
import { doorOutput } from "./door-output.ts";

const first = commandId.parse("11111111-1111-4111-8111-111111111111");
const second = commandId.parse("22222222-2222-4222-8222-222222222222");
const fire = (id: CommandId, expiresAt = 5_000, output = 1) =>
  ({ type: "fire-output", commandId: id, output, pulse: 1_000, expiresAt }) as const;

describe("the door output", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  function door(more: { outputs?: number[]; contact?: boolean } = {}) {
    const contacts: DoorContact[] = [];
    const output = doorOutput({
      ...more,
      now: Date.now,
      onContact: (contact) => contacts.push(contact),
      onFired: () => undefined,
    });
    return { output, contacts };
  }

  it("fires once for a command, however often it arrives", () => {
    const { output } = door();
    expect(output.fire(fire(first))).toMatchObject({ result: "fired" });
    expect(output.fire(fire(first))).toMatchObject({ result: "repeated" });
    expect(output.fire(fire(second))).toMatchObject({ result: "fired" });
    expect(output.fired).toBe(2);
  });

  it("does not fire for a command that is too old", () => {
    const { output } = door();
    vi.setSystemTime(5_000);
    expect(output.fire(fire(first, 5_000))).toMatchObject({ result: "expired" });
    expect(output.fired).toBe(0);
  });

  it("knows which outputs it has", () => {
    const { output } = door({ outputs: [1, 3] });
    expect(output.fire(fire(first, 5_000, 2))).toMatchObject({ result: "no-output" });
    expect(output.fire(fire(second, 5_000, 3))).toMatchObject({ result: "fired" });
  });

  it("sees the door open after it fired, and fall shut after the pulse", () => {
    const { output, contacts } = door();
    expect(output.contact).toBe("closed");
    output.fire(fire(first));
    vi.advanceTimersByTime(200);
    expect(contacts).toEqual(["open"]);
    vi.advanceTimersByTime(2_000);
    expect(contacts).toEqual(["open", "closed"]);
  });

  it("stays open while it is fired again", () => {
    const { output, contacts } = door();
    output.fire(fire(first));
    vi.advanceTimersByTime(900);
    output.fire(fire(second));
    vi.advanceTimersByTime(900);
    expect(contacts).toEqual(["open"]);
  });

  it("says nothing of a contact it has not", () => {
    const { output, contacts } = door({ contact: false });
    output.fire(fire(first));
    vi.advanceTimersByTime(5_000);
    expect([output.contact, contacts]).toEqual(["none", []]);
  });
});
