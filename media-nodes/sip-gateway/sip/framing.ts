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

/** A Content-Length field, compact or long, with the white space and folding that RFC 3261 §25.1 allows round its value. */
const contentLength = /\r\n(?:content-length|l)[ \t]*:((?:[ \t]|\r\n[ \t])*[^\r\n]*)/gi;

/** How many bytes of body a head announces; an error where none or no single number is there (RFC 3261 §18.3, §20.14). */
export function announcedLength(head: string): number | "missing" | "malformed" {
  const values = Array.from(head.matchAll(contentLength), ([, value = ""]) => value.trim());
  const [first] = values;
  if (first === undefined) return "missing";
  // Two values that differ are two opinions on where the next message begins: whoever follows one can be led astray.
  if (!/^\d{1,9}$/.test(first) || values.some((value) => value !== first)) return "malformed";
  return Number(first);
}

/**
 * Makes a framer for one connection; after `broken` it ignores the rest. `role` is ours: only clients ping, so that a
 * server hears CRLF CRLF as a ping even in two pieces, and a client hears every CRLF as a pong.
 */
export function createFramer(events: FramerEvents, role: "server" | "client" = "server"): Framer {
  let held = "";
  let isBroken = false;
  /** Where the search for the head's end goes on, so that a slow sender costs no quadratic work. */
  let searched = 0;
  /** Where the message in progress ends, once its head has been read. */
  let whole: number | undefined;
  let halfPing = false;

  const fail = (status: number, reason: string) => {
    isBroken = true;
    const head = held.slice(0, maxHeaderBytes);
    held = "";
    events.broken(status, reason, head);
  };

  const takeKeepAlives = () => {
    let taken = 0;
    for (; held.startsWith("\r\n", taken); taken += 2) {
      if (role === "client") events.pong();
      else if (halfPing) events.ping();
      halfPing = role === "server" && !halfPing;
    }
    if (taken > 0) held = held.slice(taken);
  };

  /** Reads where the message in progress ends; false while its head is not whole. */
  const readHead = (): boolean => {
    const end = held.indexOf("\r\n\r\n", Math.max(searched - 3, 0));
    if (end < 0 || end > maxHeaderBytes) {
      searched = held.length;
      if (held.length > maxHeaderBytes) fail(513, "header too large");
      return false;
    }
    const length = announcedLength(held.slice(0, end + 2));
    if (typeof length !== "number") {
      fail(400, `Content-Length ${length} on a stream`);
      return false;
    }
    if (length > maxBodyBytes) {
      fail(413, "body too large");
      return false;
    }
    whole = end + 4 + length;
    return true;
  };

  /** Hands out one message if a whole one is there. */
  const takeMessage = (): boolean => {
    if (whole === undefined && !readHead()) return false;
    if (whole === undefined || held.length < whole) return false;
    const text = held.slice(0, whole);
    held = held.slice(whole);
    searched = 0;
    whole = undefined;
    halfPing = false;
    events.message(text);
    return true;
  };

  return {
    push(bytes) {
      if (isBroken) return;
      held += bytes.toString("latin1");
      do {
        if (whole === undefined) takeKeepAlives();
      } while (held !== "" && held !== "\r" && takeMessage());
    },
    midMessage: () => held !== "",
  };
}
