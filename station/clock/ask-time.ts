/** The station asks a server what time it is (SNTP, RFC 5905 §14). */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { questionWith, type ReadAnswer, readAnswer } from "#core/messages/ntp.ts";

export interface TimeServer {
  host: string;
  port: number;
}

/** The server does not want to be asked, or not so often (RFC 5905 §7.4). */
export class KissOfDeath extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`it asks to be left alone (${code})`);
    this.code = code;
  }
}

/** Milliseconds. */
const patience = 2_000;

/**
 * Asks once. Rejects where no answer comes in time, with {@link KissOfDeath} where it does not want to be asked, and where its clock
 * isn't set. @param near what time it may be, to within 68 years @returns what the server's clock says, now and from now on
 */
export async function askTime(server: TimeServer, near: number, within = patience): Promise<() => number> {
  const mark = randomBytes(8);
  const asked = performance.now();
  const answer = await exchange(server, questionWith(mark), (octets) => readAnswer(octets, mark, near), within);
  const came = performance.now();
  if (answer.says === "kiss-of-death") throw new KissOfDeath(answer.code);
  if (answer.says === "unsynchronised") throw new Error("its clock is not set");
  // What was not spent at the server was spent on the way, half of it on the way back.
  const onTheWay = Math.max(0, came - asked - Math.max(0, answer.sent - answer.received));
  return () => answer.sent + onTheWay / 2 + (performance.now() - came);
}

/** Sends one packet, and waits for what `read` takes for its answer. */
function exchange(
  { host, port }: TimeServer,
  question: Uint8Array,
  read: (octets: Uint8Array) => ReadAnswer | undefined,
  within: number,
): Promise<ReadAnswer> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  return new Promise<ReadAnswer>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), within).unref();
    socket.once("close", () => clearTimeout(timer));
    socket.once("error", reject);
    socket.on("message", (octets) => {
      const answer = read(octets);
      if (answer) resolve(answer);
    });
    // Connected: the system drops what comes from any other address.
    socket.once("connect", () => socket.send(question));
    socket.connect(port, host);
    socket.unref();
  }).finally(() => socket.close());
}
