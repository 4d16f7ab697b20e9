/** Reliable provisional responses (RFC 3262 §3): one at a time, repeated until its PRACK, given up after 64 × T1. */
import { type Clock, T1, transactionTime } from "./clock.ts";
import type { ResponseContent } from "./serialise.ts";

export interface ReliableProvisionalsOptions {
  clock: Clock;
  /** CSeq of the INVITE they answer. */
  cseq: number;
  /** Sends a response; false where a final one went out before. */
  respond(content: ResponseContent): boolean;
  /** No PRACK came: the INVITE is to be refused. */
  onUnacknowledged(): void;
}

export interface ReliableProvisionals {
  /** Sends it, or keeps it until the one before is acknowledged. */
  send(content: ResponseContent): void;
  /** Takes the RAck of a PRACK; false where it acknowledges nothing that waits (then 481). */
  acknowledge(rack: string | undefined): boolean;
  /** Runs `work` at once, or when all that was sent is acknowledged: a 2xx must wait for that. */
  whenAcknowledged(work: () => void): void;
  /** The INVITE has its final response: repeat and send nothing any more. */
  stop(): void;
}

export function reliableProvisionals(options: ReliableProvisionalsOptions): ReliableProvisionals {
  const { clock, cseq, respond } = options;
  let rseq = 0;
  let cancelTimer: (() => void) | undefined;
  let isPending = false;
  const queue: ResponseContent[] = [];
  let waiting: (() => void)[] = [];

  const stop = () => {
    cancelTimer?.();
    isPending = false;
    queue.length = 0;
    waiting = [];
  };

  const repeat = (content: ResponseContent, interval: number, spent: number) => {
    cancelTimer = clock.after(interval, () => {
      if (spent + interval >= transactionTime) {
        stop();
        return options.onUnacknowledged();
      }
      if (respond(content))
        repeat(content, Math.min(interval * 2, transactionTime - spent - interval), spent + interval);
    });
  };

  const next = () => {
    const content = queue.shift();
    if (!content) {
      for (const work of waiting.splice(0)) work();
      return;
    }
    rseq += 1;
    const reliable: ResponseContent = {
      ...content,
      headers: [...(content.headers ?? []), ["require", "100rel"], ["rseq", String(rseq)]],
    };
    if (!respond(reliable)) return stop();
    isPending = true;
    repeat(reliable, T1, 0);
  };

  return {
    send(content) {
      queue.push(content);
      if (!isPending) next();
    },
    acknowledge(rack) {
      const match = /^(\d{1,10})\s+(\d{1,10})\s+INVITE$/.exec(rack ?? "");
      if (!isPending || Number(match?.[1]) !== rseq || Number(match?.[2]) !== cseq) return false;
      cancelTimer?.();
      isPending = false;
      next();
      return true;
    },
    whenAcknowledged(work) {
      if (isPending) waiting.push(work);
      else work();
    },
    stop,
  };
}
