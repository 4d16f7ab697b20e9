/** `npm start`: everything on one machine, until Ctrl-C. */
import { fileURLToPath } from "node:url";
import { end, type Platform, start } from "./platform.ts";
import { SettingError } from "./settings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The parent is npm's start script. When it is killed, nobody could stop the parts any more but the next start. */
const parent = process.ppid;

const starting = new AbortController();
let platform: Platform | undefined;
let asked = false;

async function stop() {
  if (asked) {
    platform?.kill(); // asked again: at once, then
    process.exit(1);
  }
  asked = true;
  starting.abort(new Error("Stopped before everything ran."));
  if (!platform) return;
  await end(platform);
  process.exit(0);
}
process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
setInterval(() => process.ppid !== parent && !asked && void stop(), 500);

try {
  platform = await start(root, process.env, (line) => console.log(line), starting.signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof SettingError ? 78 : 1);
}
