/** A LiveKit server of a test's own, with the product's configuration. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureLiveKit } from "#media-nodes/livekit/build.ts";
import { liveKitConfig, liveKitSettings } from "#media-nodes/livekit/config.ts";

/** Where `npm start` keeps it too, so that it is built once. */
const binDir = process.env.SYMPHONY_BIN_DIR ?? join(fileURLToPath(new URL("../../", import.meta.url)), ".data", "bin");

export type TestLiveKit = { url: string; http: string; apiKey: string; apiSecret: string; stop(): Promise<void> };

/** Starts a server whose ports begin at `base`: signalling, media, STUN, relays. */
export async function startLiveKit(base: number): Promise<TestLiveKit> {
  const settings = liveKitSettings.parse({
    LIVEKIT_API_KEY: "test",
    LIVEKIT_API_SECRET: "a secret for tests, not for anything else",
    LIVEKIT_PORT: base,
    LIVEKIT_UDP_PORT: base + 1,
    STUN_PORT: base + 2,
    TURN_PORTS: `${base + 3}-${base + 9}`,
  });
  const binary = await ensureLiveKit(binDir);
  const child = spawn(binary, [], {
    stdio: "ignore",
    env: { LIVEKIT_CONFIG: JSON.stringify(liveKitConfig(settings)) },
  });
  const http = `http://127.0.0.1:${base}`;
  await answering(http, child);
  return {
    url: http.replace("http", "ws"),
    http,
    apiKey: settings.LIVEKIT_API_KEY,
    apiSecret: settings.LIVEKIT_API_SECRET,
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function answering(http: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`livekit-server ended with ${child.exitCode}`);
    const ok = await fetch(http).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("livekit-server does not answer");
}
