/** A station and a gateway that speak SIP over one connection in memory, with time as the test turns it. */
import type { Flow, FlowEnd } from "#media-nodes/sip-gateway/sip/flow.ts";
import type { IncomingCall } from "#media-nodes/sip-gateway/sip/incoming-call.ts";
import type { Header, SipMessage } from "#media-nodes/sip-gateway/sip/message.ts";
import { parse } from "#media-nodes/sip-gateway/sip/parse.ts";
import { createUserAgent, type UserAgentOptions } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import { handClock } from "./hand-clock.ts";

let flows = 0;

/** Two ends of one connection, in memory; `wire` keeps what passed, as start lines. */
export function connection() {
  const wire: string[] = [];
  const ends = ["a", "b"].map((name, index) => {
    const handlers: ((message: SipMessage) => void)[] = [];
    const endHandlers: ((reason: FlowEnd) => void)[] = [];
    const flow: Flow = {
      id: ++flows,
      deviceId: "device",
      remote: { address: "127.0.0.1", port: 1 },
      local: { address: "127.0.0.1", port: 2 },
      send(text) {
        wire.push(`${name} ${text.slice(0, text.indexOf("\r\n"))}`);
        const result = parse(text);
        if (!result.ok) throw new Error(result.reason);
        queueMicrotask(() => ends[1 - index]?.deliver(result.message));
      },
      close(reason) {
        for (const end of ends) end.finish(reason);
      },
      onMessage: (handler) => handlers.push(handler),
      onEnd: (handler) => endHandlers.push(handler),
    };
    return {
      flow,
      deliver: (message: SipMessage) => handlers.forEach((handler) => void handler(message)),
      finish: (reason: FlowEnd) => endHandlers.forEach((handler) => void handler(reason)),
    };
  });
  const [a, b] = ends;
  if (!a || !b) throw new Error("unreachable");
  return { a: a.flow, b: b.flow, wire };
}

export function pair(onCall: (call: IncomingCall) => void, more: Partial<UserAgentOptions> = {}) {
  const clock = handClock();
  const link = connection();
  const make = (name: string, options: Partial<UserAgentOptions>) =>
    createUserAgent({
      clock,
      contact: () => `<sip:${name}@127.0.0.1:5061;transport=tls>`,
      sentBy: `${name}.example:5061`,
      onCall: (call) => call.reject(486),
      onError: (error) => {
        throw error;
      },
      ...options,
    });
  const station = make("station", {});
  const gateway = make("gateway", { onCall, ...more });
  station.attach(link.a);
  gateway.attach(link.b);
  const press = (headers: readonly Header[] = []) =>
    station.call(link.a, {
      headers,
      uri: "sip:reception@gateway.example",
      from: "<sip:station@gateway.example>",
      to: "<sip:reception@gateway.example>",
      sdp: "v=0\r\n",
    });
  return { clock, ...link, station, gateway, press };
}

/** Lets everything under way in memory arrive. */
export const settle = async () => {
  for (let i = 0; i < 40; i++) await Promise.resolve();
};
