/**
 * A running station's firmware: which slot started, how a new image proves itself, and fetching releases beside everything else
 * the station does. One update at a time; one that was cut off by a restart goes on by itself.
 */
import { join } from "node:path";
import { z } from "zod";
import { numberOf } from "#core/firmware/boot.ts";
import { type NamePlate, type Release, releaseNumber } from "#core/firmware/release.ts";
import type { Up } from "#core/messages/device.ts";
import type { Disk } from "../disk.ts";
import { writeWhole } from "../whole-file.ts";
import { openGate } from "./gate.ts";
import { nameOfImage } from "./image.ts";
import { boot, judge, readBoot } from "./slots.ts";
import type { Source } from "./trust.ts";
import { update } from "./update.ts";

export interface FirmwareOptions {
  disk: Disk;
  /** Where slots, notes and metadata lie: a factory has been there. */
  folder: string;
  plate: NamePlate;
  /** The root of trust for releases. Undefined: none was ever signed. */
  factoryRoot(from: Source): Promise<Uint8Array | undefined>;
  /** With the certificate that the station has now. */
  source(): Source;
  say(progress: Up<"progress">): void;
  /** A new image is to be started. Only called while the station is at rest. */
  restart(): void;
}

export interface Firmware {
  /** What this start runs, as people call it. Undefined: what was started is no image of ours. */
  readonly name: string | undefined;
  readonly release: NonNullable<Up<"reported">["release"]>;
  readonly mode: "normal" | "trial" | "fallen-back" | "below-floor";
  /** Fetches a release, or the newest, unless an update is under way. */
  fetch(wanted?: number): void;
  /** A call or a press: fetching waits, and so does a restart. */
  busy(is: boolean): void;
  /** After a start on trial: whether the station is well decides which image is used. */
  judge(isWell: (signal: AbortSignal) => Promise<boolean>): Promise<void>;
  /** Says once how the update that led to this start ended. To be called when the cloud listens. */
  sayOutcome(): void;
}

/** Milliseconds that a new image has to show that it is well. Silence counts as failure. */
const trialTime = 60_000;

const wish = z.object({ wanted: releaseNumber.nullable() });

/** Decides what starts, as a boot loader does. Rejects where no factory was. */
export async function startFirmware(options: FirmwareOptions): Promise<Firmware> {
  const { disk, folder, plate, say } = options;
  const wishPath = join(folder, "wanted.json");
  const gate = openGate();
  const { slot, mode, state } = await boot(disk, folder);
  const started = state.slots[slot]?.release;
  const name = nameOfImage(disk, folder, slot);
  let underWay = false;
  let outcome: Up<"progress"> | undefined =
    mode === "fallen-back" && state.failed !== null ? whole({ number: state.failed, size: 0 }, "fell-back") : undefined;

  const failed = (wanted: number | undefined, detail: string): Up<"progress"> => ({
    ...whole({ number: wanted ?? numberOf(readBoot(disk, folder)), size: 0 }, "failed"),
    detail,
  });

  async function go(wanted: number | undefined): Promise<void> {
    writeWhole(wishPath, JSON.stringify({ wanted: wanted ?? null }), disk);
    const source = options.source();
    try {
      const factoryRoot = await options.factoryRoot(source);
      const ended = factoryRoot
        ? await update({
            disk,
            folder,
            plate,
            factoryRoot,
            source,
            gate,
            onProgress: say,
            ...(wanted ? { wanted } : {}),
          })
        : ({ outcome: "nothing-newer" } as const);
      if (ended.outcome === "installed") {
        say(whole(ended.release, "installed"));
        void gate.passed().then(options.restart);
      } else if (ended.outcome === "refused") say({ ...whole(ended.release, "failed"), detail: ended.refusal });
      else if (ended.outcome === "failed") say(failed(wanted, ended.reason));
    } catch (error) {
      say(failed(wanted, error instanceof Error ? error.message : String(error)));
    } finally {
      // Not there any more after a power cut alone: whatever ended by itself is not taken up again.
      writeWhole(wishPath, "", disk);
      source.client.close();
      underWay = false;
    }
  }

  const firmware: Firmware = {
    name,
    release: { number: started?.number ?? 0, belowFloor: mode === "update-only" },
    mode: mode === "update-only" ? "below-floor" : mode,
    fetch(wanted) {
      if (underWay) return;
      underWay = true;
      void go(wanted);
    },
    busy(is) {
      if (is) gate.close();
      else gate.open();
    },
    async judge(isWell) {
      if (mode !== "trial" || !started) return;
      const verdict = await judge(disk, folder, async (signal) => name !== undefined && isWell(signal), trialTime);
      if (verdict === "restart") return options.restart();
      outcome = whole(started, "healthy");
      firmware.sayOutcome();
    },
    sayOutcome() {
      if (outcome) say(outcome);
      outcome = undefined;
    },
  };
  const cutOff = readWish(disk, wishPath);
  // What runs is below the floor: anything newer is better.
  if (cutOff || mode === "update-only") firmware.fetch(cutOff?.wanted ?? undefined);
  return firmware;
}

/** What was being fetched when the station was cut off. */
function readWish(disk: Disk, path: string) {
  const octets = disk.readAll(path);
  return octets?.length ? wish.safeParse(JSON.parse(new TextDecoder().decode(octets))).data : undefined;
}

const whole = ({ number, size }: Pick<Release, "number" | "size">, phase: Up<"progress">["phase"]) => ({
  release: number,
  phase,
  received: size,
  size,
  repeated: 0,
});
