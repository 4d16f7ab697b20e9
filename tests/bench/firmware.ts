/**
 * `node tests/bench/firmware.ts`: an image of 300 MB over TLS in ranges of one packet, four at a time, as a station asks for them: the
 * devices' front before the edge with its bucket, beside nginx and the barest server in Node with the same file. Expected: at least half
 * of nginx's MB/s. `firstTime` is before the front has a copy of its own, while it fetches one. About a minute.
 */
import { execFileSync } from "node:child_process";
import { packetSize } from "#core/firmware/manifest.ts";
import { ensurePrograms, nginx } from "../setup/system.ts";
import { median } from "./call-setup/statistics.ts";
import { fetchInPackets } from "./firmware/client.ts";
import { serveImage } from "./firmware/servers.ts";

const size = 300_000_000;
const rounds = 5;
const expected = 0.5;

ensurePrograms([nginx], "The bench needs", (line) => console.error(line));
execFileSync(process.execPath, ["media-nodes/supervisor/build.ts"], { stdio: "inherit" });
const servers = await serveImage(size);
try {
  const measured: Record<string, { speed: number; cpu: number }[]> = {};
  const fetchFrom = async ({ name, url, cpu }: (typeof servers.all)[number]) => {
    const before = cpu();
    const seconds = await fetchInPackets(url, size, packetSize);
    measured[name] ??= [];
    measured[name].push({ speed: size / 1e6 / seconds, cpu: cpu() - before });
  };
  for (const server of servers.all) await fetchFrom(server);
  const firstTime = Math.round(measured.ours?.[0]?.speed ?? 0);
  await servers.copied();
  for (const name of Object.keys(measured)) measured[name] = [];
  for (let n = 0; n < rounds; n++) {
    // In turn, and each round another first, so that whatever else the machine does falls on all.
    for (const server of n % 2 === 0 ? servers.all : servers.all.toReversed()) await fetchFrom(server);
  }
  const of = (name: string) => ({
    megabytesPerSecond: Math.round(median((measured[name] ?? []).map(({ speed }) => speed))),
    cpuSeconds: Number(median((measured[name] ?? []).map(({ cpu }) => cpu)).toFixed(2)),
  });
  const [ours, nginx, bareNode] = [of("ours"), of("nginx"), of("bareNode")];
  const ratio = ours.megabytesPerSecond / nginx.megabytesPerSecond;
  const met = ratio >= expected;
  const about = { bench: "firmware", size, packetSize, rounds, firstTime };
  console.log(JSON.stringify({ ...about, ours, nginx, bareNode, ratio: Number(ratio.toFixed(2)), expected, met }));
  process.exitCode = met ? 0 : 1;
} finally {
  await servers.close();
}
