/** What a HoldToOpen shows, from the door's state and the newest command. Pure. */
import type { DoorOpener } from "#core/device/configuration.ts";
import type { Door } from "#core/messages/portal-api.ts";
import type { DoorCommand } from "../live/state.ts";

export type HoldView =
  | { kind: "ready" }
  | { kind: "offline" }
  | { kind: "asking" }
  /** Somebody else opens. */
  | { kind: "other"; by: string }
  /** `seconds` until it closes, where that is known. */
  | { kind: "open"; seconds?: number }
  | { kind: "failed"; reason: DoorCommand["reason"] }
  | { kind: "refused"; reason: DoorCommand["reason"] };

/** Which of a door's openers a command is for, as far as this person may use it. */
export const commanded = ({ output }: DoorCommand, door: Pick<Door, "openers"> | undefined): DoorOpener | undefined =>
  door?.openers.find((one) => output === undefined || one.output === output);

/** How long a failure stays on the button. Milliseconds. */
export const failureShown = 6_000;
/** A door that has no contact and no known pulse counts as open this long. Milliseconds. */
export const usualPulse = 5_000;

/** @param online whether the door can be reached. @param now and every moment: the edge's time. @param pulse how long the output is on, milliseconds */
export function holdView(command: DoorCommand | undefined, online: boolean, now: number, pulse = usualPulse): HoldView {
  const rest: HoldView = online ? { kind: "ready" } : { kind: "offline" };
  if (!command) return rest;
  const left = Math.ceil((command.at + pulse - now) / 1_000);
  switch (command.state) {
    case "asking":
    case "sent":
      return command.mine || !command.by ? { kind: "asking" } : { kind: "other", by: command.by };
    case "confirmed":
      return left > 0 ? { kind: "open", seconds: left } : rest;
    case "open":
      return left > 0 ? { kind: "open", seconds: left } : { kind: "open" };
    case "closed":
      return rest;
    case "failed":
    case "refused":
      if (!command.mine || now >= command.at + failureShown) return rest;
      return { kind: command.state, reason: command.reason };
  }
}
