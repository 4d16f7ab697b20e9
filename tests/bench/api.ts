/**
 * `node tests/bench/api.ts`: the door list for a signed-in person, beside a bare handler with the same session check and
 * query in the same Miniflare and on the same Postgres. Expected: at least 0.8 of the bare handler's requests a second.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { openNeonDoors } from "../../db/embedded/neon-doors.ts";
import { startPostgres } from "../../db/embedded/postgres.ts";
import { migrate } from "../../db/migrate.ts";
import { demoPeople, seedDemo } from "../../db/seed/demo.ts";
import { load } from "./api/load.ts";
import { bundleWorker } from "./bundle.ts";

const connections = 8;
const rounds = 7;
const roundTime = 2_000;
const expected = 0.8;
const root = fileURLToPath(new URL("../../", import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const folder = mkdtempSync(join(tmpdir(), "bench-api-"));
chmodSync(folder, 0o711); // the account that runs Postgres may walk in
const [postgresPort, neonPort] = [await freePort(), await freePort()];
const at = `127.0.0.1:${postgresPort}/symphony`;
const application = `postgres://symphony_app:bench-application@${at}`;
const owner = `postgres://symphony_owner:bench-owner@${at}`;
const password = "bench-password";

const postgres = await startPostgres({
  folder: join(folder, "postgres"),
  port: postgresPort,
  owner: { user: "symphony_owner", password: "bench-owner" },
  database: "symphony",
  onLog: () => undefined,
});
await migrate(owner, application);
await seedDemo(owner, { mara: password, jonas: password });
const door = await openNeonDoors({ port: neonPort, applicationUrl: application, onError: console.error });

const origin = "http://edge.test";
const bindings = {
  DATABASE_URL: application,
  NEON_FETCH_ENDPOINT: `http://127.0.0.1:${neonPort}/sql`,
  AUTH_SECRET: "bench-secret-of-32-characters-000",
  URL_SECRET: "bench-secret-of-32-characters-001",
  FIRMWARE_TIMESTAMP_KEY: "dGVzdC1maXJtd2FyZS1zZWVkLW9mLTMyLW9jdGV0cy4",
  FIRMWARE_TOKEN: "test-firmware-token-of-32-characters",
  MEDIA_NODE_TOKEN: "bench-secret-of-32-characters-002",
  LIVEKIT_API_KEY: "bench",
  LIVEKIT_API_SECRET: "bench-secret-of-32-characters-003",
  LIVEKIT_URL: "ws://edge.test",
  PUBLIC_ORIGIN: origin,
  STUN_URL: "stun:edge.test",
  MAIL_URL: "http://127.0.0.1:1/",
};
const { workerOptions } = unstable_getMiniflareWorkerOptions(join(root, "wrangler.toml"));
const bundled = await Promise.all(
  ["workers/index.ts", "workers/testing/bare-doors.ts"].map(async (entry) => {
    const contents = await bundleWorker(join(root, entry));
    return [{ type: "ESModule" as const, path: "index.js", contents }];
  }),
);
const { assets: _assets, ...edgeOptions } = workerOptions;
const [edge = [], bare = []] = bundled;
const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: await freePort(),
  cf: false,
  log: new Log(LogLevel.WARN),
  handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
    stdout.resume();
    stderr.resume();
  },
  workers: [
    { ...edgeOptions, name: "edge", modules: edge, bindings, routes: ["edge.test/*"] },
    {
      name: "bare",
      modules: bare,
      bindings,
      compatibilityDate: workerOptions.compatibilityDate,
      compatibilityFlags: workerOptions.compatibilityFlags,
      routes: ["bare.test/*"],
    },
  ],
});

try {
  const port = Number((await miniflare.ready).port);
  const signedIn = await miniflare.dispatchFetch(`${origin}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin, "cf-connecting-ip": "127.0.0.1" },
    body: JSON.stringify({ email: demoPeople[0].email, password }),
  });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0];
  if (!cookie) throw new Error(`signing in was answered with ${signedIn.status}`);
  const headers = { cookie };
  const ours = { port, host: "edge.test", path: "/api/doors", headers };
  const theirs = { port, host: "bare.test", path: "/", headers };

  await load(ours, connections, roundTime);
  await load(theirs, connections, roundTime);
  const measured: { ours: number; bare: number }[] = [];
  for (let n = 0; n < rounds; n++) {
    // In turn, and each round the other first, so that whatever else the machine does falls on both.
    const first = await load(n % 2 === 0 ? ours : theirs, connections, roundTime);
    const second = await load(n % 2 === 0 ? theirs : ours, connections, roundTime);
    measured.push(n % 2 === 0 ? { ours: first, bare: second } : { ours: second, bare: first });
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const ratio = median(measured.map((round) => round.ours / round.bare));
  console.log(
    JSON.stringify({
      bench: "api",
      connections,
      rounds,
      oursPerSecond: Math.round(median(measured.map((round) => round.ours))),
      barePerSecond: Math.round(median(measured.map((round) => round.bare))),
      ratio: Number(ratio.toFixed(2)),
      expected,
      met: ratio >= expected,
    }),
  );
  process.exitCode = ratio >= expected ? 0 : 1;
} finally {
  await miniflare.dispose();
  await door.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
