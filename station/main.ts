/** `npm run station -- press | listen | new | enrol | reset | help` */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { renderUnicodeCompact } from "uqr";
import { openClaimedStation } from "./claimed-station.ts";
import { openClock } from "./clock/clock.ts";
import { keepTime } from "./clock/keep-time.ts";
import { newReporter, type Reporter } from "./events.ts";
import { askCloud } from "./identity/cloud-https.ts";
import { type Enrolling, enrol, resetToFactory } from "./identity/enrol.ts";
import { keptIdentity } from "./identity/kept-identity.ts";
import { unpack } from "./identity/unpack.ts";
import { openLog, type StationLog } from "./log.ts";
import { readCommandLine, type StationCommand, UsageError, usage } from "./options.ts";
import { ownersFiles, removeOwnersFiles } from "./owners-files.ts";

/** What is typed, one line a word; while nobody listens it is dropped. */
function commandLines() {
  let hear: (word: string) => void = () => undefined;
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => hear(line.trim()));
  return {
    hear(handler: (word: string) => void) {
      hear = handler;
    },
    close: () => lines.close(),
  };
}

const nobodyThere = "No cloud answers there. Is the platform running (npm start)?";

const notKnown = ({ device }: StationCommand) =>
  `${device} is not known here. Start the platform first (npm start); it makes the demo's stations.`;

const isPress = (word: string) => word === "" || word === "press";

async function run(command: StationCommand): Promise<number> {
  const pki = join(command.dataFolder, "pki");
  const cloud = { host: command.host, port: command["cloud-port"] };
  const home = join(command.dataFolder, "stations", command.device);
  const clock = openClock(join(home, "clock.json"));
  const log = openLog(join(home, "log.ndjson"), clock.now);
  const stays = command.mode === "listen" || command.mode === "new" || command.stay;
  const { report, failed } = reporting(command, log, stays);
  const identity = keptIdentity(pki, command.device);
  const about: Enrolling = {
    ...{ cloud, identity, report, now: clock.now },
    forget() {
      removeOwnersFiles(ownersFiles(command.dataFolder, command.device));
      log.forget();
    },
  };
  const lines = stays ? commandLines() : undefined;
  let leave: () => void = () => undefined;
  const asked = new Promise<"left">((resolve) => {
    leave = () => resolve("left");
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leave);

  if (command.mode === "reset") {
    if (!identity.factory) throw new UsageError(notKnown(command));
    resetToFactory(about);
    return 0;
  }
  if (command.mode === "new" && !identity.factory) {
    const label = await unpack(pki, cloud, command.device, command.model);
    if (!command.json)
      console.log(`${renderUnicodeCompact(label.code)}\n\n${label.model} · ${label.serial} · ${label.code}\n`);
  }
  void keepTime({
    clock,
    server: { host: command.host, port: command["ntp-port"] },
    witness: async () =>
      (await askCloud(cloud, { method: "GET", path: "/.well-known/est/cacerts", anchors: identity.anchors })).date,
    report,
  });
  /** As the contact of the housing tells, whatever starts anew. */
  let tampered = false;
  for (let presses = command.mode === "press"; ; presses = false) {
    const outcome = await Promise.race([claimed(command, { ...about, lines, asked, leave }), failed]);
    if (outcome === "left" || command.mode === "enrol" || !identity.operational) break;
    const station = await openClaimedStation(command, { ...about, log });
    if (!lines) {
      const pressed = station.registered.then(station.press);
      const outcome = await Promise.race([pressed, asked, failed]);
      await station.close();
      return outcome === "left" || outcome.sipStatus === 200 ? 0 : 1;
    }
    if (presses) void station.registered.then(station.press);
    else if (!command.json) console.log("Enter presses the button, Ctrl-C ends.");
    if (tampered) station.tamper(true);
    lines.hear((word) => {
      if (isPress(word)) void station.press();
      else if (word === "tamper" || word === "tamper-end") {
        tampered = word === "tamper";
        station.tamper(tampered);
      } else if (word === "hang-up") station.hangUp();
      else if (word === "reset" && identity.factory) station.reset();
      else if (word === "quit") leave();
    });
    const ended = await Promise.race([asked, station.restart]);
    await station.close();
    if (ended === "left") break;
  }
  lines?.close();
  return 0;
}

/** Tells and keeps what happens. Who stays tries on for ever where the cloud is away; for who came for one press, `failed` rejects. */
function reporting(command: StationCommand, log: StationLog, stays: boolean) {
  const tell = newReporter({ json: command.json, file: command.report });
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined); // who stays does not wait for it
  const report: Reporter = (event) => {
    log.keep(event);
    tell(event);
    if (stays) return;
    if (event.event === "cloud-away") reject(new UsageError(nobodyThere));
    if (event.event === "refused") reject(new UsageError(event.reason));
  };
  return { report, failed };
}

/** Sees to it that the station has a certificate that lasts: waits until it is claimed. */
async function claimed(
  command: StationCommand,
  about: Enrolling & { lines: ReturnType<typeof commandLines> | undefined; asked: Promise<"left">; leave: () => void },
): Promise<"enrolled" | "left"> {
  const { identity, lines, asked, leave } = about;
  const { operational } = identity;
  if (operational && operational.until.getTime() > about.now()) return "enrolled";
  if (!identity.factory) throw new UsageError(notKnown(command));
  const waiting = enrol({
    ...about,
    report(event) {
      about.report(event);
      // A press at an unclaimed station says that somebody is there, and is over then.
      if (command.mode !== "press") return;
      if (event.event === "unclaimed") waiting.pressed();
      else if (event.event === "present" && !lines) leave();
    },
  });
  lines?.hear((word) => {
    if (isPress(word)) waiting.pressed();
    else if (word === "quit") leave();
  });
  waiting.enrolled.catch(() => undefined); // ended: nobody waits any more
  try {
    return await Promise.race([waiting.enrolled.then(() => "enrolled" as const), asked]);
  } finally {
    waiting.end();
  }
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return nobodyThere;
  return error instanceof Error ? error.message : "It failed.";
}

try {
  const command = readCommandLine(process.argv.slice(2), process.env);
  if (command === "help") console.log(usage);
  else process.exitCode = await run(command);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 2;
}
// Encoders of native code may keep the process alive after everything is done.
process.exit();
