/** The time server, asked by chrony, which we did not write, and by hand where chrony can't be made to misbehave. */
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packetLength } from "#core/messages/ntp.ts";
import { type NtpServer, startNtp } from "./server.ts";

let server: NtpServer;
beforeAll(async () => {
  const clock = { stratum: 4, reference: Buffer.from([127, 0, 0, 1]), dispersion: 0.05 };
  server = await startNtp({ host: "127.0.0.1", port: 0, clock, perSecond: 20 });
});
afterAll(() => server.close());

function request(version = 4, time = "my time!"): Buffer {
  const packet = Buffer.alloc(packetLength);
  packet[0] = (version << 3) | 3;
  packet.write(time, 40);
  return packet;
}

/** The asker's own time, that an answer brings back. */
const originOf = (answer: Buffer) => answer.subarray(24, 32).toString();
const askAgain = 50;

/**
 * Sends packets, and after them a question of its own until that is answered: what was to be answered before it has been.
 * Resolves with the answers to the packets.
 */
function ask(...packets: Buffer[]): Promise<Buffer[]> {
  const socket = createSocket("udp4");
  const answers: Buffer[] = [];
  const last = request(4, "the last");
  return new Promise((resolve) => {
    for (const packet of packets) socket.send(packet, server.port, "127.0.0.1");
    const asking = setInterval(() => socket.send(last, server.port, "127.0.0.1"), askAgain);
    socket.on("message", (answer) => {
      if (originOf(answer) !== "the last") return answers.push(answer);
      clearInterval(asking);
      socket.close();
      return resolve(answers);
    });
  });
}

test("chrony takes the time, and finds us within 10 ms of the system clock", async () => {
  const said = await new Promise<string>((resolve) => {
    const command = ["-Q", "-t", "8", `server 127.0.0.1 port ${server.port} iburst maxsamples 4`];
    execFile("chronyd", command, { timeout: 15_000 }, (_error, out, errors) => resolve(out + errors));
  });
  const offset = /System clock wrong by (-?[\d.]+) seconds/.exec(said)?.[1];
  expect(offset, said).toBeDefined();
  expect(Math.abs(Number(offset))).toBeLessThan(0.01);
}, 20_000);

test("an answer is as long as its question, names a stratum, and brings the question's own time back", async () => {
  const [answer] = await ask(request(3));
  expect(answer?.length).toBe(packetLength);
  expect(answer?.[0]).toBe((3 << 3) | 4);
  expect(answer?.[1]).toBe(4);
  expect(answer && originOf(answer)).toBe("my time!");
});

test("what is no client's question gets no answer", async () => {
  const answerOfAServer = request();
  answerOfAServer[0] = (4 << 3) | 4;
  const control = request();
  for (const packet of [answerOfAServer, control]) packet.write("not me!!", 40);
  control[0] = (4 << 3) | 6;
  const answers = await ask(Buffer.alloc(0), Buffer.alloc(12), Buffer.alloc(400), answerOfAServer, control, request());
  expect(answers.map(originOf)).toEqual(["my time!"]);
});

test("one address gets no more answers a second than agreed", async () => {
  const answers = await ask(...Array.from({ length: 60 }, () => request()));
  // The second may turn in the middle.
  expect(answers.length).toBeLessThanOrEqual(40);
});
