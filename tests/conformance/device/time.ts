/** The played device asks what time it is (SNTP, RFC 5905 §14). */
import { createSocket } from "node:dgram";
import { askCloud } from "../../../station/identity/cloud-https.ts";
import type { Device } from "./judge-cloud.ts";

/** Seconds between 1900, where NTP counts from, and 1970. */
const era = 2_208_988_800;
/** Milliseconds. */
const patience = 2_000;

/** One packet, and its answer. Undefined: none came in time. */
function ask(host: string, port: number, packet: Buffer): Promise<Buffer | undefined> {
  const socket = createSocket("udp4");
  return new Promise<Buffer | undefined>((resolve) => {
    const end = (answer: Buffer | undefined) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), patience);
    socket.once("message", end);
    socket.once("error", () => end(undefined));
    socket.send(packet, port, host);
  });
}

export async function playTime({ addresses, anchors, judge }: Device): Promise<void> {
  const { host, https } = addresses;
  const { date } = await askCloud({ host, port: https }, { method: "GET", path: "/.well-known/est/cacerts", anchors });
  judge.judge(
    "time",
    date !== undefined && Math.abs(date - Date.now()) < 60_000,
    "Its answers over TLS carry a Date that agrees with this machine's within a minute.",
    "Its answers over TLS don't carry a Date that agrees with this machine's within a minute: no device can set its clock.",
  );
  const packet = Buffer.alloc(48);
  packet[0] = (4 << 3) | 3; // version 4, client
  packet.write("sent now", 40);
  const answer = await ask(addresses.host, addresses.ntp, packet);
  if (
    !judge.judge(
      "time",
      answer !== undefined,
      "It answers who asks for the time.",
      "It does not answer who asks for the time.",
    )
  )
    return;
  if (!answer) return;
  const said = (answer.readUInt32BE(40) - era) * 1000;
  judge.judge(
    "time",
    answer.length === 48 && ((answer[0] ?? 0) & 7) === 4 && answer.subarray(24, 32).equals(packet.subarray(40)),
    "It answers as a server (mode 4), with the request's own time stamp.",
    "It does not answer as an NTP server to this very request.",
  );
  judge.judge(
    "time",
    Math.abs(said - Date.now()) < 60_000,
    "The time that it says agrees with this machine's within a minute.",
    `The time that it says is ${Math.round((said - Date.now()) / 60_000)} minutes away from this machine's.`,
  );
}
