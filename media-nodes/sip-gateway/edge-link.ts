/**
 * The one WebSocket to the edge. It reconnects by itself with back-off, numbers and keeps what it sends
 * (core/messages/numbered-link.ts), and says hello with everything that lives here, so that both sides agree again.
 * A lost link ends no call.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import WebSocket from "ws";
import { z } from "zod";
import {
  ackFrame,
  type FromGateway,
  frame,
  mediaNodeProtocol,
  type ToGateway,
  toGateway,
} from "#core/messages/media-node.ts";
import { acknowledge, newLink, number, receive, renumber, resume } from "#core/messages/numbered-link.ts";
import type { CallId } from "#core/messages/values.ts";

type Hello = Extract<FromGateway, { type: "hello" }>;
export type GatewayMessage = Exclude<FromGateway, Hello>;
type Welcome = Extract<ToGateway, { type: "welcome" }>;
export type EdgeMessage = Exclude<ToGateway, Welcome>;

export type EdgeLinkOptions = {
  /** The edge's origin, http(s)://… */
  url: string;
  token: string;
  nodeName: string;
  log: Logger;
  /** What lives here, for the hello. */
  inventory(): Pick<Hello, "registrations" | "liveCalls">;
  /** Carries a message out. Each arrives once and in order. */
  onMessage(message: EdgeMessage): void;
  /** The edge knows these calls no more: end them. */
  onEndCalls(calls: readonly CallId[]): void;
  /** @default Math.random */
  random?: () => number;
};

export type EdgeLink = {
  /** The edge has welcomed us and messages flow. */
  readonly up: boolean;
  /** Sends a message, or keeps it until the link is back. */
  send(message: GatewayMessage): void;
  /** Messages that the edge has not acknowledged. */
  readonly waiting: number;
  close(): void;
};

/** First pause before a new attempt, and the longest, in milliseconds. */
const firstPause = 100;
const longestPause = 5_000;
/** How long connecting and the welcome may take together. */
const welcomeTime = 5_000;
const pingEvery = 5_000;
/** Beyond this many, changes of registrations are left to the next hello. */
const mostKept = 10_000;

const numberedFrame = frame(toGateway);
const welcomeMessage = toGateway.refine((message) => message.type === "welcome");
/** The three things the edge says, told apart before they are judged. */
const wire = z.union([
  z.object({ seq: z.number() }).loose().pipe(numberedFrame),
  z.object({ type: z.string() }).loose().pipe(welcomeMessage),
  ackFrame.strict(),
]);

/** The pause before attempt `n` (from 0): doubled each time, and half of it left to chance so that nodes don't come in step. */
export function backOff(attempt: number, random: () => number): number {
  const full = Math.min(longestPause, firstPause * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random();
}

/** Opens the link and holds it until `close`. */
export function openEdgeLink(options: EdgeLinkOptions): EdgeLink {
  const { log, random = Math.random } = options;
  const address = new URL("/media-node/link", options.url);
  address.searchParams.set("node", options.nodeName);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";

  let epoch = randomUUID();
  let numbered = newLink<GatewayMessage>();
  let socket: WebSocket | undefined;
  let up = false;
  let closed = false;
  let attempt = 0;
  let overflowed = false;
  let acknowledged = 0;
  let retry: NodeJS.Timeout | undefined;

  const write = (data: unknown) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(data));
  };

  function send(message: GatewayMessage): void {
    const about = message.type;
    if (
      !up &&
      numbered.kept.length >= mostKept &&
      (about === "registered" || about === "unregistered" || about === "contact")
    ) {
      overflowed = true;
      return;
    }
    const out = number(numbered, message);
    numbered = out.link;
    if (!up) return;
    acknowledged = out.frame.ack;
    write(out.frame);
  }

  function connect(): void {
    const own = new WebSocket(address, {
      headers: { authorization: `Bearer ${options.token}` },
      handshakeTimeout: welcomeTime,
      maxPayload: 1 << 20,
    });
    socket = own;
    let heard = true;
    const impatience = setTimeout(() => own.terminate(), welcomeTime);
    const pings = setInterval(() => {
      if (!heard) return own.terminate();
      heard = false;
      if (own.readyState === WebSocket.OPEN) own.ping();
    }, pingEvery);
    own.on("open", () => {
      const { registrations, liveCalls } = options.inventory();
      const protocol = mediaNodeProtocol;
      write({
        type: "hello",
        protocol,
        nodeId: options.nodeName,
        epoch,
        received: numbered.received,
        registrations,
        liveCalls,
      } satisfies Hello);
    });
    own.on("pong", () => {
      heard = true;
    });
    own.on("message", (data) => {
      heard = true;
      if (socket !== own) return;
      const message = parse(data.toString());
      if (!message) return own.close(4400, "not understood");
      if ("type" in message) {
        if (message.type !== "welcome") return own.close(4400, "not numbered");
        clearTimeout(impatience);
        welcomed(own, message);
      } else if ("seq" in message) frameCame(own, message);
      else {
        numbered = acknowledge(numbered, message.ack);
        // What was left out meanwhile is said by a new hello, once nothing older can come behind it.
        if (overflowed && numbered.kept.length === 0) own.close(1000, "hello again");
      }
    });
    own.on("error", (error) => log.debug({ reason: error.message }, "edge link error"));
    own.on("close", (code) => {
      clearTimeout(impatience);
      clearInterval(pings);
      if (socket !== own) return;
      socket = undefined;
      if (up) log.warn({ code, waiting: numbered.kept.length }, "edge link lost");
      else if (attempt === 0) log.warn({ code, edge: address.origin }, "edge can't be reached, trying on");
      up = false;
      if (closed) return;
      retry = setTimeout(connect, backOff(attempt++, random));
    });
  }

  function parse(text: string): z.infer<typeof wire> | undefined {
    try {
      return wire.parse(JSON.parse(text));
    } catch (error) {
      // The message itself may hold tokens: only where it was wrong is logged.
      const at = error instanceof z.ZodError ? error.issues[0]?.path.join(".") : "no JSON";
      log.error({ at }, "edge said what is not in the protocol");
      return undefined;
    }
  }

  function beginAnew(own: WebSocket, why: string): void {
    log.error({ why }, "edge and media node disagree on their numbers, beginning anew");
    epoch = randomUUID();
    numbered = renumber(numbered);
    own.close(1000, "begin anew");
  }

  function welcomed(own: WebSocket, { received, endCalls }: Welcome): void {
    const again = resume(numbered, received);
    if (again.lost) {
      beginAnew(own, "edge has another last number");
      return;
    }
    numbered = again.link;
    acknowledged = numbered.received;
    up = true;
    overflowed = false;
    attempt = 0;
    log.info({ resent: again.frames.length, endCalls: endCalls.length }, "edge link up");
    for (const one of again.frames) write(one);
    options.onEndCalls(endCalls);
  }

  function frameCame(own: WebSocket, got: { seq: number; ack: number; body: ToGateway }): void {
    const taken = receive(numbered, got);
    numbered = taken.link;
    if (taken.verdict === "gap") {
      beginAnew(own, "a number is missing");
      return;
    }
    acknowledgeSoon();
    if (taken.verdict === "repeated" || got.body.type === "welcome") return;
    try {
      options.onMessage(got.body);
    } catch (error) {
      log.error({ err: error, about: got.body.type }, "a message of the edge could not be carried out");
    }
  }

  /** An answer that leaves in the same turn carries the acknowledgement itself. */
  function acknowledgeSoon(): void {
    setImmediate(() => {
      if (!up || acknowledged === numbered.received) return;
      acknowledged = numbered.received;
      write({ ack: acknowledged });
    });
  }

  connect();
  return {
    get up() {
      return up;
    },
    get waiting() {
      return numbered.kept.length;
    },
    send,
    close() {
      closed = true;
      clearTimeout(retry);
      const last = socket;
      last?.close(1001, "going away");
      setTimeout(() => last?.terminate(), 500).unref();
    },
  };
}
