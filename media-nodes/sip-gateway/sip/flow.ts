/** One connection to one peer (RFC 5626: a flow). Everything to a device goes over the flow it opened. */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Allowance, newCounter } from "./allowance.ts";
import type { Clock } from "./clock.ts";
import { createFramer } from "./framing.ts";
import { newBranch, newTag } from "./identifiers.ts";
import { header, type SipMessage } from "./message.ts";
import { type ParseFailure, parse } from "./parse.ts";
import { writeRequest, writeResponse } from "./serialise.ts";

export type FlowEnd = "closed" | "error" | "slow" | "malformed" | "keep-alive-lost" | "revoked" | "shut-down";

export interface Flow {
  readonly id: number;
  /** The device its certificate names; undefined on a client's side. */
  readonly deviceId: string | undefined;
  readonly remote: { address: string; port: number };
  readonly local: { address: string; port: number };
  /** Writes one message. After the flow's end it does nothing. */
  send(text: string): void;
  close(reason: FlowEnd): void;
  onMessage(handler: (message: SipMessage) => void): void;
  onEnd(handler: (reason: FlowEnd) => void): void;
}

export interface FlowOptions {
  clock: Clock;
  deviceId?: string;
  /** A message begun must be whole within this time: ends slow senders. */
  messageTime?: number;
  /** Ping this often (double CRLF, RFC 5626 §4.4.1); two unanswered end the flow. Undefined: never. */
  pingEvery?: number;
  /**
   * Ask a silent peer for a sign of life by OPTIONS after so long without a byte from it, and again after `wait`; two
   * unanswered end the flow. Whatever it sends counts, so that a device that pings is never asked. Undefined: never.
   */
  probe?: { after: number; wait: number };
  /** More bytes waiting to be sent than this end the flow: the peer doesn't read. */
  maxUnsent?: number;
  /** How much the peer may say. Undefined: as much as it likes. */
  allowance?: Allowance;
  /** A refused message, without its content. */
  onRefused?: (status: number, reason: string) => void;
}

let flows = 0;

function refusal({ status, reason, partial }: ParseFailure): string | undefined {
  // A response or an ACK is never answered; without a Via an answer finds no one.
  if (!partial || partial.method === "" || /^SIP\//i.test(partial.method) || partial.method === "ACK") return undefined;
  if (header(partial, "via") === undefined || header(partial, "cseq") === undefined) return undefined;
  return writeResponse(partial, { status, reason: reason === "" ? undefined : reason, tag: "refused" });
}

/** The OPTIONS that asks for a sign of life (RFC 3261 §11). Its answer is a sign as any other; nobody waits for it by name. */
function writeProbe(socket: TLSSocket | Socket, deviceId: string | undefined): string {
  const ours = `${bracketed(socket.localAddress)}:${socket.localPort}`;
  const theirs = `${deviceId === undefined ? "" : `${deviceId}@`}${bracketed(socket.remoteAddress)}:${socket.remotePort}`;
  return writeRequest("OPTIONS", `sip:${theirs};transport=tls`, [
    ["via", `SIP/2.0/TLS ${ours};branch=${newBranch()};rport`],
    ["max-forwards", "70"],
    ["from", `<sip:${ours}>;tag=${newTag()}`],
    ["to", `<sip:${theirs}>`],
    ["call-id", newTag()],
    ["cseq", "1 OPTIONS"],
  ]);
}

const bracketed = (address = "") => (address.includes(":") ? `[${address}]` : address);

/** Makes a flow of a connected TLS socket. */
export function createFlow(socket: TLSSocket | Socket, options: FlowOptions): Flow {
  const { clock, messageTime = 10_000, maxUnsent = 1024 * 1024 } = options;
  flows += 1;
  let ended: FlowEnd | undefined;
  let cancelMessageTimer: (() => void) | undefined;
  let cancelPing: (() => void) | undefined;
  let cancelProbe: (() => void) | undefined;
  let cancelRest: (() => void) | undefined;
  const said = options.allowance && newCounter(options.allowance, clock);
  let pongsMissed = 0;
  let heardAt = clock.now();
  const messageHandlers: ((message: SipMessage) => void)[] = [];
  const endHandlers: ((reason: FlowEnd) => void)[] = [];
  /** Messages that came before anyone listened. */
  const early: SipMessage[] = [];

  const end = (reason: FlowEnd) => {
    if (ended) return;
    ended = reason;
    cancelMessageTimer?.();
    cancelPing?.();
    cancelProbe?.();
    cancelRest?.();
    socket.end();
    // A peer that never closes its side doesn't keep ours.
    clock.after(1_000, () => socket.destroy());
    for (const handler of endHandlers) handler(reason);
  };

  const write = (text: string) => {
    if (ended) return;
    socket.write(text, "latin1");
    if (socket.writableLength > maxUnsent) end("slow");
  };

  const refuse = (failure: ParseFailure) => {
    options.onRefused?.(failure.status, failure.reason);
    const answer = refusal(failure);
    if (answer) write(answer);
  };

  const stopMessageTimer = () => {
    cancelMessageTimer?.();
    cancelMessageTimer = undefined;
  };
  const startMessageTimer = () => {
    cancelMessageTimer ??= clock.after(messageTime, () => end("slow"));
  };

  const framer = createFramer(
    {
      message(text) {
        said?.count();
        stopMessageTimer();
        const result = parse(text);
        if (!result.ok) return refuse(result);
        if (messageHandlers.length === 0) early.push(result.message);
        for (const handler of messageHandlers) handler(result.message);
      },
      ping() {
        said?.count();
        write("\r\n");
      },
      pong: () => {
        pongsMissed = 0;
      },
      broken(status, reason, head) {
        const attempt = parse(`${head.split("\r\n\r\n")[0]}\r\n\r\n`);
        refuse({
          ok: false,
          status,
          reason,
          ...(!attempt.ok && attempt.partial
            ? { partial: attempt.partial }
            : attempt.ok && attempt.message.kind === "request"
              ? { partial: { method: attempt.message.method, headers: attempt.message.headers } }
              : {}),
        });
        end("malformed");
      },
    },
    options.pingEvery === undefined ? "server" : "client",
  );

  const ping = () => {
    if (pongsMissed >= 2) return end("keep-alive-lost");
    pongsMissed += 1;
    write("\r\n\r\n");
    if (options.pingEvery !== undefined) cancelPing = clock.after(options.pingEvery, ping);
  };
  if (options.pingEvery !== undefined) cancelPing = clock.after(options.pingEvery, ping);

  const watch = ({ after, wait }: { after: number; wait: number }) => {
    const ask = (probesSent: number) => {
      const silent = clock.now() - heardAt;
      const due = after + probesSent * wait;
      if (silent < after) cancelProbe = clock.after(after - silent, () => ask(0));
      else if (silent < due) cancelProbe = clock.after(due - silent, () => ask(probesSent));
      else if (probesSent === 2) end("keep-alive-lost");
      else {
        write(writeProbe(socket, options.deviceId));
        cancelProbe = clock.after(wait, () => ask(probesSent + 1));
      }
    };
    cancelProbe = clock.after(after, () => ask(0));
  };
  if (options.probe) watch(options.probe);

  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    if (ended) return;
    heardAt = clock.now();
    framer.push(bytes);
    if (ended) return;
    const rest = said?.rest() ?? 0;
    // While nothing is read it is not the peer that is slow.
    if (rest > 0 || !framer.midMessage()) stopMessageTimer();
    else startMessageTimer();
    if (rest === 0) return;
    socket.pause();
    cancelRest = clock.after(rest, () => {
      socket.resume();
      if (framer.midMessage()) startMessageTimer();
    });
  });
  socket.on("error", () => end("error"));
  socket.on("close", () => end("closed"));
  socket.on("end", () => end("closed"));

  return {
    id: flows,
    deviceId: options.deviceId,
    remote: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
    local: { address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
    send: write,
    close: end,
    onMessage(handler) {
      messageHandlers.push(handler);
      for (const message of early.splice(0)) handler(message);
    },
    onEnd(handler) {
      if (ended) handler(ended);
      else endHandlers.push(handler);
    },
  };
}
