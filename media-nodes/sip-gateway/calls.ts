/** The table of live calls: takes up what stations and the edge begin, and hands each message to its call. */
import { randomUUID } from "node:crypto";
import {
  type CallId,
  callId as callIdSchema,
  deviceId as deviceIdSchema,
  type EndReason,
} from "#core/messages/values.ts";
import type { LiveCall } from "./call.ts";
import type { EdgeMessage } from "./edge-link.ts";
import { type PlacedCallParts, placeStationCall } from "./placed-call.ts";
import { takePress } from "./press-call.ts";
import type { IncomingCall } from "./sip/incoming-call.ts";
import type { Registrar } from "./sip/registrar.ts";

export type CallsParts = PlacedCallParts & {
  registrar: Pick<Registrar, "find">;
  /** Whether messages to the edge leave at once. */
  edgeIsUp(): boolean;
};

export type Calls = {
  /** A station's INVITE. */
  pressed(call: IncomingCall): void;
  /** What the edge says about calls; false for any other message. */
  handle(message: EdgeMessage): boolean;
  /** The edge knows these no more. */
  forget(calls: readonly CallId[]): void;
  announceNext(): void;
  live(): readonly LiveCall[];
  ofDevice(deviceId: string): LiveCall | undefined;
  /** Since the start. */
  readonly total: number;
};

/** A table without calls. */
export function newCalls(parts: CallsParts): Calls {
  const { log } = parts;
  const calls = new Map<CallId, LiveCall>();
  /** A device has one call. */
  const byDevice = new Map<string, LiveCall>();
  let total = 0;
  /** The next press's, once it was told to the edge. */
  let next: CallId | undefined;

  /** Draws the id of the next press and tells it to the edge, unless that is done. */
  function announceNext(): void {
    if (next) return;
    next = callIdSchema.parse(randomUUID());
    parts.say({ type: "next-call", callId: next });
  }

  function takeNext(): CallId {
    const callId = next ?? callIdSchema.parse(randomUUID());
    next = undefined;
    return callId;
  }

  function keep(call: LiveCall): void {
    total++;
    calls.set(call.callId, call);
    byDevice.set(call.deviceId, call);
  }

  function drop(callId: CallId): void {
    const call = calls.get(callId);
    calls.delete(callId);
    if (call && byDevice.get(call.deviceId) === call) byDevice.delete(call.deviceId);
  }

  function place(invite: Extract<EdgeMessage, { type: "invite" }>): void {
    const { callId, deviceId } = invite;
    const registration = parts.registrar.find(deviceId);
    const busy = byDevice.has(deviceId);
    if (!registration || busy || calls.has(callId)) {
      parts.say({ type: "station-refused", callId, sipStatus: registration ? 486 : 480 });
      return;
    }
    keep(placeStationCall(parts, invite, registration, () => drop(callId)));
  }

  return {
    pressed(sip) {
      const device = deviceIdSchema.safeParse(sip.flow.deviceId);
      if (!device.success || sip.request.from.uri.user !== device.data) return sip.reject(403);
      if (!parts.edgeIsUp()) {
        log.warn({ deviceId: device.data, event: "press-refused" }, "a press while the edge is away");
        return sip.reject(503, "Edge Unreachable", [["retry-after", "5"]]);
      }
      const other = byDevice.get(device.data);
      if (other && !other.giveWay()) return sip.reject(486);
      let over = false;
      const call = takePress(parts, sip, { callId: takeNext(), deviceId: device.data }, () => {
        over = true;
        drop(call.callId);
      });
      if (!over) keep(call);
    },
    handle(message) {
      switch (message.type) {
        case "invite":
          place(message);
          return true;
        case "ringing":
        case "refuse":
        case "answer":
        case "dismiss":
        case "end":
        case "warn": {
          const call = calls.get(message.callId);
          if (call) call.handle(message);
          else log.debug({ callId: message.callId, about: message.type }, "about a call that is over");
          // Now that nobody waits.
          if (message.type === "ringing" || message.type === "refuse") announceNext();
          return true;
        }
        default:
          return false;
      }
    },
    forget(gone) {
      for (const callId of gone) {
        log.warn({ callId, event: "unknown-call" }, "the edge knows this call no more");
        calls.get(callId)?.handle({ type: "end", callId, reason: "failed" satisfies EndReason });
      }
    },
    announceNext,
    live: () => [...calls.values()],
    ofDevice: (deviceId) => byDevice.get(deviceId),
    get total() {
      return total;
    },
  };
}
