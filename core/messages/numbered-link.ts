/**
 * The numbering of the link between a media node and the edge, the same on both sides and pure: every message is
 * numbered, kept until the other side acknowledged it, sent again after a reconnect, and dropped by the receiver if it
 * has it already. So each message is carried out once and in order, however often the connection breaks.
 *
 * A state is plain data (a durable object stores it as it is). Functions return the next state and never change the old.
 *
 * ```ts
 * let link = newLink<FromGateway>();
 * const out = number(link, message);           // link = out.link; socket.send(out.frame)
 * const got = receive(link, frame);            // link = got.link; got.verdict === "new" → carry out, then acknowledge
 * for (const frame of resume(link, welcome.received).frames) socket.send(frame);
 * ```
 */

export type LinkFrame<T> = { seq: number; ack: number; body: T };

export type NumberedLink<Out> = {
  /** The number the next message gets. */
  readonly next: number;
  /** The last number received in order. */
  readonly received: number;
  /** Sent or to be sent, not acknowledged yet, in order and without gaps. */
  readonly kept: readonly { readonly seq: number; readonly body: Out }[];
};

/**
 * A link at its beginning (a new epoch).
 * @param peerReceived what the other side says it has of us already: numbering goes on behind it, as it does when one
 * side forgot its state and the other did not.
 */
export function newLink<Out>(peerReceived = 0): NumberedLink<Out> {
  return { next: peerReceived + 1, received: 0, kept: [] };
}

/** Numbers a message and keeps it. The frame may be sent at once, or not at all while there is no connection. */
export function number<Out>(link: NumberedLink<Out>, body: Out): { link: NumberedLink<Out>; frame: LinkFrame<Out> } {
  const seq = link.next;
  return {
    link: { ...link, next: seq + 1, kept: [...link.kept, { seq, body }] },
    frame: { seq, ack: link.received, body },
  };
}

/**
 * Takes a frame's numbers, its acknowledgement included.
 * `new`: carry it out. `repeated`: seen before, drop it, but acknowledge it. `gap`: something between is missing, which
 * an ordered connection can't do unless a side lost its state: drop it and start over with a new connection.
 */
export function receive<Out>(
  link: NumberedLink<Out>,
  frame: { seq: number; ack: number },
): { link: NumberedLink<Out>; verdict: "new" | "repeated" | "gap" } {
  const acknowledged = acknowledge(link, frame.ack);
  if (frame.seq <= link.received) return { link: acknowledged, verdict: "repeated" };
  if (frame.seq > link.received + 1) return { link: acknowledged, verdict: "gap" };
  return { link: { ...acknowledged, received: frame.seq }, verdict: "new" };
}

/** Forgets what the other side has. */
export function acknowledge<Out>(link: NumberedLink<Out>, ack: number): NumberedLink<Out> {
  const first = link.kept[0];
  if (first === undefined || first.seq > ack) return link;
  return { ...link, kept: link.kept.filter((message) => message.seq > ack) };
}

/**
 * What to send first on a new connection, given the last number that the other side has of us.
 * `lost`: the other side lacks messages that it had acknowledged before, or has more than we ever sent: one side lost
 * its state, and both must begin anew (a new epoch; `renumber`).
 */
export function resume<Out>(
  link: NumberedLink<Out>,
  peerReceived: number,
): { link: NumberedLink<Out>; frames: LinkFrame<Out>[]; lost: boolean } {
  const oldest = link.kept[0]?.seq ?? link.next;
  if (peerReceived < oldest - 1 || peerReceived >= link.next) return { link, frames: [], lost: true };
  const next = acknowledge(link, peerReceived);
  return { link: next, frames: next.kept.map(({ seq, body }) => ({ seq, ack: next.received, body })), lost: false };
}

/** Begins anew with the messages that were never acknowledged. */
export function renumber<Out>(link: NumberedLink<Out>): NumberedLink<Out> {
  return link.kept.reduce<NumberedLink<Out>>((begun, { body }) => number(begun, body).link, newLink());
}
