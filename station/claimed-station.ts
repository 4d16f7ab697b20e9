/** A claimed station at work: calls, its configuration and its firmware, until it is closed or wants to start anew. */
import { join } from "node:path";
import { isWarning } from "#core/device/log.ts";
import { parsePortRange, portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import { placeAtNode } from "./cameras/place.ts";
import { type Agent, newAgent } from "./cloud/agent.ts";
import { linesTo, newLogStream } from "./cloud/log-stream.ts";
import { uploadLog } from "./cloud/upload-log.ts";
import type { StationEvent } from "./events.ts";
import { type Firmware, startFirmware } from "./firmware/keeper.ts";
import { type OfFactory, ofFactory } from "./firmware/of-factory.ts";
import type { Running } from "./identity/configure.ts";
import { type Enrolling, enrolAgain, isDisowned, renew, resetToFactory } from "./identity/enrol.ts";
import { lookAfter } from "./identity/look-after.ts";
import type { StationLog } from "./log.ts";
import type { StationCommand } from "./options.ts";
import { ownersFiles } from "./owners-files.ts";
import { startStation } from "./station.ts";

export interface ClaimedStation {
  /** Presses a button, its first unless another is named. Resolves when that call is over. */
  press(): Promise<{ sipStatus: number; reason: string }>;
  hangUp(): void;
  /** What the contact of its housing tells. */
  tamper(lasts: boolean): void;
  /** Resolves once a press comes to something: it is registered, or its firmware is too old to take calls. */
  readonly registered: Promise<void>;
  /** Back to how it left the factory, and its owner's still. */
  reset(): void;
  /** Resolves once a new image lies ready, and nobody is in a call; once it was reset; or once the station is nobody's any more, or another's. */
  readonly restart: Promise<"restart">;
  close(): Promise<void>;
}

/** A pool that does not begin where another station's does. */
function mediaPorts(range: string) {
  const { first, last } = parsePortRange(range);
  const from = first + 2 * Math.floor((Math.random() * (last - first)) / 4);
  return portPool(from, last);
}

/** Starts what its slot holds. It connects by itself, whenever the cloud is there. */
export async function openClaimedStation(
  command: StationCommand,
  about: Enrolling & { log: StationLog },
): Promise<ClaimedStation> {
  const { identity, log } = about;
  const own = { ...about, forget };
  const { operational } = identity;
  if (!operational) throw new Error("This station has no certificate yet.");
  const { deviceId } = operational;
  const credentials = () => ({ ...(identity.operational ?? operational), serverAuthority: identity.anchors });
  const timers: NodeJS.Timeout[] = [];
  const restart = Promise.withResolvers<"restart">();
  let agent: Agent | undefined;
  let leaveAlone = async () => {};
  // What goes wrong is told at once: the station may be gone when somebody asks. The rest of its log waits to be asked for.
  const stream = newLogStream(linesTo({ host: command.host, port: command["log-port"] }, credentials));
  const unfollow = log.follow((line) => {
    if (identity.factory && isWarning(line)) stream.say(line);
  });

  function forgetLog(): void {
    log.forget();
    stream.forget();
  }

  function forget(): void {
    configured.wipe();
    stream.forget();
    about.forget();
  }

  const factory = ofFactory(join(command.dataFolder, "stations", command.device), about);
  const firmware = factory && (await openFirmware(factory));
  const running: Running = firmware
    ? { firmware: firmware.name ?? `release ${firmware.release.number}`, release: firmware.release }
    : { firmware: "reference 1.0" };

  function openFirmware(factory: OfFactory): Promise<Firmware> {
    return startFirmware({
      ...factory,
      say(progress) {
        const { release, phase, received, size, detail } = progress;
        const percent = size > 0 ? Math.floor((100 * received) / size) : 0;
        about.report({ event: "updating", release, phase, percent, ...(detail === undefined ? {} : { detail }) });
        agent?.sayProgress(progress);
      },
      restart: () => restart.resolve("restart"),
    });
  }

  function report(event: StationEvent): void {
    about.report(event);
    agent?.happened(event);
    const { event: what } = event;
    if (what === "pressed" || what === "ringing" || what === "answered") firmware?.busy(true);
    if (what === "ended" || what === "failed") firmware?.busy(false);
    const patience = command["hang-up-after"];
    if (what === "answered" && patience !== undefined) timers.push(setTimeout(() => station?.hangUp(), patience));
    if (what === "ended") for (const timer of timers.splice(0)) clearTimeout(timer);
  }

  if (firmware)
    about.report({
      event: "started",
      firmware: running.firmware,
      release: firmware.release.number,
      mode: firmware.mode,
    });
  agent = newAgent({
    host: command.host,
    port: command["mqtt-port"],
    deviceId,
    credentials,
    files: ownersFiles(command.dataFolder, command.device),
    running,
    ...(firmware ? { updateFirmware: firmware.fetch } : {}),
    report: about.report,
    forgetLog,
    cameraPlace: command.virtual ? placeAtNode() : undefined,
    uploadLog: (id, lines) => uploadLog(about, id, log.newest(lines)),
    renew: () => renew(own),
    onRefused: () => void comeBack(),
    onUnanswered: () => void comeBackIfDisowned(),
  });
  const { configured } = agent;

  function reconnect(): void {
    station?.reconnect();
    agent?.reconnect();
  }

  /** Where the cloud can't be asked, the next connection that nobody answers asks again. */
  async function comeBackIfDisowned(): Promise<void> {
    if (await isDisowned(own).catch(() => false)) await comeBack();
  }

  let comingBack = false;
  /** Let in no more. Whoever revoked the station may have allowed it again, or given it up, or it is another's now. */
  async function comeBack(): Promise<void> {
    if (comingBack || command.virtual) return;
    comingBack = true;
    // Blocked still, or the cloud is away: the next refusal asks again.
    const answered = await enrolAgain(own).then(
      () => true,
      () => false,
    );
    comingBack = false;
    if (!answered) return;
    if (identity.operational?.deviceId === deviceId) reconnect();
    else restart.resolve("restart");
  }
  const station = firmware?.release.belowFloor
    ? undefined
    : startStation({
        host: command.host,
        port: command.port,
        deviceId,
        credentials,
        tone: command.tone,
        film: (send) => agent.film(command["picture-code"], send),
        beside: () => agent.beside(),
        video: !command["no-video"],
        answerAfter: command["answer-after"],
        ports: mediaPorts(command["media-ports"]),
        report,
        // While the broker lets it in, its certificate counts.
        onTurnedAway: () => agent?.isConnected() || void comeBack(),
        now: about.now,
      });

  // Who has no factory is looked after by whoever gave it its certificate.
  if (command.virtual) agent.connect();
  else if (identity.factory) {
    const isNew = configured.version === 0;
    const listens = Promise.withResolvers<void>();
    agent.connect(() => {
      firmware?.sayOutcome();
      listens.resolve();
    });
    // A station that was just claimed is brought up to date, while it takes its first calls.
    if (isNew) void listens.promise.then(() => firmware?.fetch());
    void firmware?.judge(async () => {
      await Promise.all([station?.registered, listens.promise]);
      return true;
    });
    leaveAlone = lookAfter(own, configured, running, { reconnect, comeBack });
  }

  return {
    async press() {
      if (!station) {
        about.report({ event: "failed", reason: "No calls until the firmware is updated." });
        return { sipStatus: 0, reason: "below the security floor" };
      }
      const outcome = station.press(command.button ?? configured.now.buttons[0]?.key ?? "reception");
      const patience = command["cancel-after"];
      if (patience !== undefined) timers.push(setTimeout(station.hangUp, patience));
      return outcome;
    },
    hangUp: () => station?.hangUp(),
    tamper: (lasts) => report({ event: "tamper", lasts }),
    registered: station?.registered ?? Promise.resolve(),
    reset() {
      resetToFactory(own);
      restart.resolve("restart");
    },
    restart: restart.promise,
    async close() {
      unfollow();
      await Promise.all([leaveAlone(), agent.close(), station?.close(), stream.close()]);
    },
  };
}
