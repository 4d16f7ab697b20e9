/** Cuts a TLS stream into SIP messages (RFC 3261 §18.3) and keep-alives (RFC 5626 §3.5.1). Bounded; holds at most one message. */

export const maxHeaderBytes = 16 * 1024;
export const maxBodyBytes = 64 * 1024;

export interface FramerEvents {
  /** One whole message, as latin1 text: a character a byte. */
  message(text: string): void;
  /** CRLF CRLF from the client: answer with CRLF. */
  ping(): void;
  /** CRLF alone: the answer to our ping. */
  pong(): void;
  /** The stream can't be followed any further: answer with `status` if a message's head can be read from `head`, and close. */
  broken(status: number, reason: string, head: string): void;
}

export interface Framer {
  push(bytes: Buffer): void;
  /** True while a message has begun and not ended: the time-out against slow senders runs. */
  midMessage(): boolean;
}

/** Makes a framer for one connection. After `broken` it ignores the rest. */
export function createFramer(events: FramerEvents): Framer {
  let held = "";
  let isBroken = false;
  /** Where the search for the head's end goes on, so that a slow sender costs no quadratic work. */
  let searched = 0;

  const fail = (status: number, reason: string) => {
    isBroken = true;
    const head = held.slice(0, maxHeaderBytes);
    held = "";
    events.broken(status, reason, head);
  };

  const takeKeepAlives = () => {
    while (held.startsWith("\r\n")) {
      const isPing = held.startsWith("\r\n\r\n");
      held = held.slice(isPing ? 4 : 2);
      if (isPing) events.ping();
      else events.pong();
    }
  };

  /** Hands out one message if a whole one is there. */
  const takeMessage = (): boolean => {
    const end = held.indexOf("\r\n\r\n", Math.max(searched - 3, 0));
    if (end < 0) {
      searched = held.length;
      if (held.length > maxHeaderBytes) fail(513, "header too large");
      return false;
    }
    if (end > maxHeaderBytes) {
      fail(513, "header too large");
      return false;
    }
    const length = /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r\n/i.exec(held.slice(0, end + 2))?.[1];
    if (length === undefined) {
      fail(400, "no Content-Length on a stream");
      return false;
    }
    if (Number(length) > maxBodyBytes) {
      fail(513, "body too large");
      return false;
    }
    const whole = end + 4 + Number(length);
    if (held.length < whole) return false;
    const text = held.slice(0, whole);
    held = held.slice(whole);
    searched = 0;
    events.message(text);
    return true;
  };

  return {
    push(bytes) {
      if (isBroken) return;
      held += bytes.toString("latin1");
      do takeKeepAlives();
      while (!isBroken && held !== "" && held !== "\r" && takeMessage());
    },
    midMessage: () => held !== "",
  };
}
