/** Whether a device carries a command out: it must be meant for this very connection, and not be too old. */
import type { Down } from "../messages/device.ts";

/** A connection as the device keeps it. `heardAt` is read from a clock that nobody can set (monotonic), in milliseconds. */
export interface Session {
  challenge: string;
  heardAt: number;
}

/** @param now the monotonic clock, in milliseconds */
export function obeys(
  command: Pick<Down<"command">, "challenge" | "within">,
  session: Session | undefined,
  now: number,
): boolean {
  return session !== undefined && command.challenge === session.challenge && now - session.heardAt <= command.within;
}
