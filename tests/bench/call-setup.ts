/**
 * How long it takes from a press until a browser rings, in a whole platform with its own gateway, edge, front, Postgres
 * and LiveKit.
 *
 * `node tests/bench/call-setup.ts [calls]` (default 60). Ringing is measured from the INVITE leaving the station to the
 * message arriving over a client's WebSocket, in turns with a bare push (workers/testing/bare-push.ts) in the same workerd.
 * Expected: at most 3 × the bare push's median, 95 of 100 under 50 ms. The first calls, after a start and after the objects
 * were evicted, stand apart.
 */
import { startHouse } from "./call-setup/house.ts";
import { measureRinging } from "./call-setup/ringing.ts";
import { heading, line, median, quantile, verdict } from "./call-setup/statistics.ts";

const calls = Number(process.argv[2] ?? 60);
const firsts = 5;

const house = await startHouse();
try {
  const rung = await measureRinging(house, calls, firsts);
  console.log(heading);
  console.log(line("bare push after the same query and one stored value", rung.bare));
  console.log(line("INVITE → 180 at the station", rung.provisional));
  console.log(line("INVITE → ring at the client", rung.ring));
  console.log(line("  the first after workerd's start", rung.cold));
  console.log(line("    beside it, the bare push", rung.coldBare));
  console.log(line("  the first after the objects were evicted", rung.evicted));
  console.log(line("    beside it, the bare push", rung.evictedBare));
  const verdicts = [
    verdict("ring beside the bare push", median(rung.ring) / median(rung.bare), 3),
    verdict("95 of 100 rings", quantile(rung.ring, 0.95), 50, "ms"),
  ];
  for (const { text } of verdicts) console.log(text);
  process.exitCode = verdicts.every(({ met }) => met) ? 0 : 1;
} finally {
  await house.stop();
}
process.exit();
