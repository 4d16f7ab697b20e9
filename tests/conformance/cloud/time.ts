/** The played cloud's time server lies: whoever believes it alone thinks that every certificate is over. */
import type { LogLine } from "#core/device/log.ts";
import { type NtpServer, startNtp } from "#media-nodes/ntp/server.ts";
import type { Played } from "./played.ts";

/** Five years, in milliseconds. */
const lie = 5 * 365 * 86_400_000;
const tolerance = 5 * 60_000;

/** Rejects where the port is taken. */
export function playLiar({ addresses, seen }: Pick<Played, "addresses" | "seen">): Promise<NtpServer> {
  return startNtp({
    host: addresses.bind,
    port: addresses.ntp,
    clock: { stratum: 2, reference: Buffer.from("LIAR"), dispersion: 0.05 },
    now() {
      seen.tell({ what: "asked-the-time" });
      return Date.now() + lie;
    },
  });
}

/** @param newest the last line of the device's log: what its clock said a moment ago */
export async function judgeClock({ seen, judge }: Played, newest: LogLine | undefined): Promise<void> {
  if (!(await seen.next("asked-the-time", 0)))
    return judge.notSeen("time", "It has not asked what time it is (NTP): a time server that lies was not tried.");
  judge.fits("time", "It asks the cloud what time it is.");
  if (!newest)
    return judge.notSeen("time", "Whether it believes a time server that lies can't be seen without its log.");
  const off = newest.at - Date.now();
  judge.judge(
    "time",
    Math.abs(off) < tolerance,
    "It does not believe a time server alone that is five years ahead.",
    `By its log its clock is ${Math.round(off / 86_400_000)} days off: it believes a time server that lies, though the cloud's answers over TLS say otherwise.`,
  );
}
