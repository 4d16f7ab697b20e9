/**
 * How long it takes from a press until a browser rings, and from "Answer" until the two hear each other, in a whole
 * platform with its own gateway, edge, front, Postgres and LiveKit.
 *
 * `node tests/bench/call-setup.ts [ringing | answering | both] [calls]` (default both, 60).
 *
 * Ringing: from the INVITE leaving the station to the message arriving over a client's WebSocket, in turns with a bare push
 * (workers/testing/bare-push.ts) in the same workerd. Expected: at most 3 × the bare push's median, 95 of 100 under 50 ms.
 * The first calls, after a start and after the objects were evicted, stand apart.
 *
 * Answering: from the click to the first sound, in Chromium, in turns with LiveKit's own client joining a room where
 * somebody talks. Expected: at most 0.3 × that until the person hears the station, 1.0 × until the station hears the person.
 */
import { type AnsweringResult, measureAnswering } from "./call-setup/answering.ts";
import { type House, startHouse } from "./call-setup/house.ts";
import { measureRinging, type RingingResult } from "./call-setup/ringing.ts";
import { heading, line, median, quantile, verdict } from "./call-setup/statistics.ts";

const firsts = 5;
const [what = "both", calls = "60"] = process.argv.slice(2);

function tellRinging(rung: RingingResult) {
  console.log(line("bare push after the same query and one stored value", rung.bare));
  console.log(line("INVITE → 180 at the station", rung.provisional));
  console.log(line("INVITE → ring at the client", rung.ring));
  console.log(line("  the first after workerd's start", rung.cold));
  console.log(line("    beside it, the bare push", rung.coldBare));
  console.log(line("  the first after the objects were evicted", rung.evicted));
  console.log(line("    beside it, the bare push", rung.evictedBare));
  return [
    verdict("ring beside the bare push", median(rung.ring) / median(rung.bare), 3),
    verdict("95 of 100 rings", quantile(rung.ring, 0.95), 50, "ms"),
  ];
}

function tellAnswering(answered: AnsweringResult) {
  const join = median(answered.joins);
  console.log(line("INVITE → ring message in Chromium", answered.ring));
  console.log(line("INVITE → the sheet in its page", answered.sheet));
  console.log(line("INVITE → the station's sound in it, still muted", answered.early));
  console.log(line("LiveKit's own join → first audio", answered.joins));
  console.log(line("answer → 200 at the station", answered.accepted));
  console.log(line("answer → the person hears the station", answered.stationHeard));
  console.log(line("answer → the station hears the person", answered.personHeard));
  return [
    verdict("station → browser beside LiveKit's join", median(answered.stationHeard) / join, 0.3),
    verdict("browser → station beside LiveKit's join", median(answered.personHeard) / join, 1),
  ];
}

async function measure(house: House) {
  console.log(heading);
  return [
    ...(what === "answering" ? [] : tellRinging(await measureRinging(house, Number(calls), firsts))),
    ...(what === "ringing" ? [] : tellAnswering(await measureAnswering(house, Number(calls)))),
  ];
}

const house = await startHouse();
try {
  const verdicts = await measure(house);
  for (const { text } of verdicts) console.log(text);
  process.exitCode = verdicts.every(({ met }) => met) ? 0 : 1;
} finally {
  await house.stop();
}
process.exit();
