/**
 * What each connection of a device is worth: its challenge, and how long it lasts already. A command is translated to what
 * the device can check by itself (core/device/obey.ts).
 */
import { randomUUID } from "node:crypto";
import type { ToBroker } from "#core/messages/broker-link.ts";
import type { Down } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";

export interface Sessions {
  /** Begins anew: what was said in an earlier connection is worth nothing in this one. */
  begin(device: DeviceId): Down<"session">;
  end(device: DeviceId): void;
  /** Undefined: the device is not here, or it is too late. */
  command(asked: Extract<ToBroker, { type: "command" }>): Down<"command"> | undefined;
}

/** @param now milliseconds since the epoch; `elapsed`: a clock that nobody sets, in milliseconds */
export function newSessions(now: () => number = Date.now, elapsed: () => number = () => performance.now()): Sessions {
  const sessions = new Map<DeviceId, { challenge: string; began: number }>();
  return {
    begin(device) {
      const challenge = randomUUID();
      sessions.set(device, { challenge, began: elapsed() });
      return { challenge, now: now() };
    },
    end(device) {
      sessions.delete(device);
    },
    command({ deviceId, commandId, command, expiresAt }) {
      const session = sessions.get(deviceId);
      const left = expiresAt - now();
      if (!session || left <= 0) return undefined;
      return { commandId, challenge: session.challenge, within: Math.ceil(elapsed() - session.began + left), command };
    },
  };
}
