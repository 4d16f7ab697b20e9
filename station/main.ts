/** `npm run station -- press | listen | help` */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parsePortRange, portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import { newReporter, type StationEvent } from "./events.ts";
import { readCommandLine, type StationCommand, UsageError, usage } from "./options.ts";
import { startStation } from "./station.ts";

function read(path: string): string {
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new UsageError(`${path} is missing. Start the platform first (npm start); it makes the certificates.`);
}

/** A pool that does not begin where another station's does. */
function mediaPorts(range: string) {
  const { first, last } = parsePortRange(range);
  const from = first + 2 * Math.floor((Math.random() * (last - first)) / 4);
  return portPool(from, last);
}

async function run(command: StationCommand): Promise<number> {
  const pki = join(command.dataFolder, "pki");
  const report = newReporter({ json: command.json, file: command.report });
  const timers: NodeJS.Timeout[] = [];
  const station = await startStation({
    host: command.host,
    port: command.port,
    deviceId: command.device,
    certificate: read(join(pki, "devices", `${command.device}.pem`)),
    key: read(join(pki, "devices", `${command.device}.key`)),
    serverAuthority: read(join(pki, "server-ca.pem")),
    tone: command.tone,
    pictureCode: command["picture-code"],
    video: !command["no-video"],
    answerAfter: command["answer-after"],
    ports: mediaPorts(command["media-ports"]),
    report(event: StationEvent) {
      report(event);
      const patience = command["hang-up-after"];
      if (event.event === "answered" && patience !== undefined) timers.push(setTimeout(station.hangUp, patience));
      if (event.event === "ended") for (const timer of timers.splice(0)) clearTimeout(timer);
    },
  });
  const press = () => {
    const outcome = station.press(command.button);
    const patience = command["cancel-after"];
    if (patience !== undefined) timers.push(setTimeout(station.hangUp, patience));
    return outcome;
  };

  let leave: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    leave = resolve;
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leave);

  if (command.mode === "press" && !command.stay) {
    const outcome = await Promise.race([press(), asked]);
    await station.close();
    return !outcome || outcome.sipStatus === 200 ? 0 : 1;
  }
  if (command.mode === "press") void press();
  else if (!command.json) console.log("Enter presses the button, Ctrl-C ends.");
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const word = line.trim();
    if (word === "" || word === "press") void press();
    else if (word === "hang-up") station.hangUp();
    else if (word === "quit") leave();
  });
  await asked;
  lines.close();
  await station.close();
  return 0;
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return "No gateway answers there. Is the platform running (npm start)?";
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
