/** Runs the LiveKit server with our configuration, as one of the media node's parts. Its end is ours, with its status. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureLiveKit } from "./build.ts";
import { liveKitConfig, liveKitSettings } from "./config.ts";
import { endLeftover, remember } from "./leftover.ts";

const settings = liveKitSettings.safeParse(process.env);
if (!settings.success) {
  for (const issue of settings.error.issues) console.error(`LiveKit: ${issue.path.join(".")}: ${issue.message}`);
  process.exit(78);
}
const dataFolder = process.env.DATA_DIR ?? ".data";
const binary = await ensureLiveKit(process.env.SYMPHONY_BIN_DIR ?? join(dataFolder, "bin"), ({ seconds, line }) => {
  console.error(`building LiveKit, ${seconds} s: ${line}`);
});
await endLeftover(dataFolder);
const server = spawn(binary, [], {
  stdio: "inherit",
  env: { PATH: process.env.PATH, LIVEKIT_CONFIG: JSON.stringify(liveKitConfig(settings.data)) },
});
if (server.pid !== undefined) remember(dataFolder, server.pid);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.kill(signal));
// The server must not outlive this process and keep its ports.
process.on("exit", () => server.kill("SIGKILL"));
server.on("error", (error) => {
  console.error(`LiveKit could not be started: ${error.message}`);
  process.exit(1);
});
server.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
