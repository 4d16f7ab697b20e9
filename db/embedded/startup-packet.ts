/** The first message of Postgres's protocol (version 3, "StartupMessage"), which says who comes. Pure. */

export type FirstMessage =
  /** More octets are needed. */
  | { kind: "incomplete" }
  /** A question for encryption (SSLRequest, GSSENCRequest): answered `N`, after which the client starts over. */
  | { kind: "encryption"; length: number }
  | { kind: "startup"; user: string; database: string }
  | { kind: "refused"; why: string };

const largest = 10_000;
const version3 = 196_608;
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

export function readFirstMessage(octets: Buffer): FirstMessage {
  if (octets.length < 8) return { kind: "incomplete" };
  const length = octets.readInt32BE(0);
  if (length < 8 || length > largest) return { kind: "refused", why: "no Postgres client" };
  if (octets.length < length) return { kind: "incomplete" };
  const code = octets.readInt32BE(4);
  if (code === sslRequest || code === gssRequest) return { kind: "encryption", length };
  // Minor versions may differ: the server negotiates. CancelRequest is refused with the rest.
  if (code >> 16 !== version3 >> 16) return { kind: "refused", why: "not version 3 of the protocol" };
  const words = octets.toString("utf8", 8, length).split("\0");
  const settings = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ""; at += 2)
    settings.set(words[at] ?? "", words[at + 1] ?? "");
  const user = settings.get("user") ?? "";
  // Physical replication would read the whole cluster, whoever asks.
  if (settings.has("replication")) return { kind: "refused", why: "no replication here" };
  return { kind: "startup", user, database: settings.get("database") ?? user };
}

/** ErrorResponse: a connection that is refused is told why, as Postgres would. */
export function errorResponse(code: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`, "utf8");
  const head = Buffer.alloc(5);
  head.write("E", 0, "latin1");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
