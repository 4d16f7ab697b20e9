/**
 * `node tests/bench/firmware.ts`: an image of 300 MB over TLS in ranges of one packet, four at a time, as a station asks for them: the front
 * and the edge with their bucket, beside nginx with the same file. Expected: at least half of nginx's MB/s.
 */
import { execFileSync } from "node:child_process";
import { packetSize } from "#core/firmware/manifest.ts";
import { median } from "./call-setup/statistics.ts";
import { fetchInPackets } from "./firmware/client.ts";
import { serveImage } from "./firmware/servers.ts";

const size = 300_000_000;
const rounds = 5;
const expected = 0.5;

execFileSync(process.execPath, ["media-nodes/supervisor/build.ts"], { stdio: "inherit" });
const servers = await serveImage(size);
try {
  const measured: Record<string, { speed: number; cpu: number }[]> = { ours: [], nginx: [] };
  for (let n = 0; n <= rounds; n++) {
    // In turn, and each round the other first, so that whatever else the machine does falls on both.
    for (const { name, url, cpu } of n % 2 === 0 ? servers.both : servers.both.toReversed()) {
      const before = cpu();
      const seconds = await fetchInPackets(url, size, packetSize);
      // The first round warms up.
      if (n > 0) measured[name]?.push({ speed: size / 1e6 / seconds, cpu: cpu() - before });
    }
  }
  const of = (name: string) => ({
    megabytesPerSecond: Math.round(median((measured[name] ?? []).map(({ speed }) => speed))),
    cpuSeconds: Number(median((measured[name] ?? []).map(({ cpu }) => cpu)).toFixed(2)),
  });
  const [ours, nginx] = [of("ours"), of("nginx")];
  const ratio = ours.megabytesPerSecond / nginx.megabytesPerSecond;
  const met = ratio >= expected;
  console.log(
    JSON.stringify({
      bench: "firmware",
      size,
      packetSize,
      rounds,
      ours,
      nginx,
      ratio: Number(ratio.toFixed(2)),
      expected,
      met,
    }),
  );
  process.exitCode = met ? 0 : 1;
} finally {
  await servers.close();
}
