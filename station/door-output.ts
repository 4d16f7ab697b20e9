/**
 * The station's door output and the door's contact behind it. A command fires once however often it arrives, and not
 * at all when it is too old: the station decides, since only it knows what its relay did.
 */
import type { FromStation, ToStation } from "#core/messages/station.ts";
import type { CommandId, DoorContact } from "#core/messages/values.ts";

export type DoorOutputOptions = {
  /** Outputs that are fitted. @default [1] */
  outputs?: readonly number[];
  /** Whether a contact tells that the door is open. @default true */
  contact?: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  onContact(contact: DoorContact): void;
  onFired(output: number, pulse: number): void;
};

export type DoorOutput = {
  fire(command: ToStation): FromStation;
  readonly contact: DoorContact;
  /** How often an output was really switched. */
  readonly fired: number;
  close(): void;
};

/** Milliseconds from the output to the contact: a visitor pushes the door open, and it falls shut after the pulse. */
const visitorOpensAfter = 150;
const closesAfter = 300;
/** Remembered commands. One expires after 5 s, so this is far more than can still come again. */
const remembered = 1_000;

export function doorOutput(options: DoorOutputOptions): DoorOutput {
  const { outputs = [1], now } = options;
  const fitted = options.contact ?? true;
  const done = new Set<CommandId>();
  const timers = new Map<number, NodeJS.Timeout[]>();
  let contact: DoorContact = fitted ? "closed" : "none";
  let fired = 0;

  function move(to: DoorContact): void {
    if (contact === to) return;
    contact = to;
    options.onContact(to);
  }

  function remember(commandId: CommandId): void {
    done.add(commandId);
    const oldest = done.values().next().value;
    if (done.size > remembered && oldest !== undefined) done.delete(oldest);
  }

  return {
    fire({ commandId, output, pulse, expiresAt }) {
      const result = (what: Extract<FromStation, { type: "output" }>["result"]) =>
        ({ type: "output", commandId, result: what }) as const;
      if (done.has(commandId)) return result("repeated");
      if (now() >= expiresAt) return result("expired");
      if (!outputs.includes(output)) return result("no-output");
      remember(commandId);
      fired++;
      options.onFired(output, pulse);
      if (fitted) {
        for (const timer of timers.get(output) ?? []) clearTimeout(timer);
        timers.set(output, [
          setTimeout(() => move("open"), visitorOpensAfter),
          setTimeout(() => move("closed"), Math.max(pulse, visitorOpensAfter) + closesAfter),
        ]);
      }
      return result("fired");
    },
    get contact() {
      return contact;
    },
    get fired() {
      return fired;
    },
    close() {
      for (const timer of [...timers.values()].flat()) clearTimeout(timer);
    },
  };
}
