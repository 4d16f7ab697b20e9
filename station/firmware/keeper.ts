/**
 * A running station's firmware: which slot started, how a new image proves itself, and fetching releases beside everything else
 * the station does. One update at a time; one that was cut off by a restart goes on by itself.
 */
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { numberOf } from "#core/firmware/boot.ts";
import { type NamePlate, type Release, releaseNumber } from "#core/firmware/release.ts";
import type { Up } from "#core/messages/device.ts";
import { opensNext, type SiteHours, siteHours } from "#core/schedule/maintenance-window.ts";
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
  /** By the station's own clock. Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds, or when called off. @default by a timer */
  pause?(time: number, signal: AbortSignal): Promise<void>;
  /** A new image is to be started. Only called while the station is at rest. */
  restart(): void;
}

export interface Firmware {
  /** What this start runs, as people call it. Undefined: what was started is no image of ours. */
  readonly name: string | undefined;
  readonly release: NonNullable<Up<"reported">["release"]>;
  readonly mode: "normal" | "trial" | "fallen-back" | "below-floor";
  /**
   * Fetches a release, or the newest, and starts it in those hours. Nothing where an update is under way; one that lies
   * ready and waits for its hours gives way.
   */
  fetch(wanted?: number, restartIn?: SiteHours): void;
  /** A call or a press: fetching waits, and so does a restart. */
  busy(is: boolean): void;
  /** After a start on trial: whether the station is well decides which image is used. */
  judge(isWell: (signal: AbortSignal) => Promise<boolean>): Promise<void>;
  /** Says once how the update that led to this start ended. To be called when the cloud listens. */
  sayOutcome(): void;
}

/** Milliseconds that a new image has to show that it is well. Silence counts as failure. */
const trialTime = 60_000;

/** How often a station that waits for its hours says so: silence would mean that it is gone. Milliseconds. */
const sayAgain = 15 * 60_000;

const wish = z.object({ wanted: releaseNumber.nullable(), restartIn: siteHours.nullable().default(null) });
type Wish = z.infer<typeof wish>;

// Nothing has to go on for its sake.
const byTimer: NonNullable<FirmwareOptions["pause"]> = (time, signal) =>
  setTimeout(time, undefined, { signal, ref: false }).catch(() => undefined);

/** Decides what starts, as a boot loader does. Rejects where no factory was. */
export async function startFirmware(options: FirmwareOptions): Promise<Firmware> {
  const { disk, folder, plate, say, now, pause = byTimer } = options;
  const wishPath = join(folder, "wanted.json");
  const gate = openGate();
  const { slot, mode, state } = await boot(disk, folder);
  const started = state.slots[slot]?.release;
  const name = nameOfImage(disk, folder, slot);
  let underWay = false;
  /** What is fetched next; and while an image waits for its hours, how to end that. */
  let next: Wish | undefined;
  let waits: AbortController | undefined;
  let outcome: Up<"progress"> | undefined =
    mode === "fallen-back" && state.failed !== null ? whole({ number: state.failed, size: 0 }, "fell-back") : undefined;

  const failed = (wanted: number | undefined, detail: string): Up<"progress"> => ({
    ...whole({ number: wanted ?? numberOf(readBoot(disk, folder)), size: 0 }, "failed"),
    detail,
  });

  /** Waits for the hours in which the station may start anew. False: something else was asked for meanwhile. */
  async function inItsHours(release: Release, hours: SiteHours | null): Promise<boolean> {
    // What takes no calls disturbs nobody.
    if (!hours || mode === "update-only") return true;
    const { windows, timeZone } = hours;
    waits = new AbortController();
    const { signal } = waits;
    try {
      for (;;) {
        await gate.passed();
        if (signal.aborted) return false;
        const at = now();
        const opens = opensNext(windows, timeZone, at);
        if (opens <= at) return true;
        say(whole(release, "waiting"));
        await pause(Math.min(opens - at, sayAgain), signal);
      }
    } finally {
      waits = undefined;
    }
  }

  async function goOn(): Promise<void> {
    for (let one = next; one; one = next) {
      next = undefined;
      await go(one);
    }
    underWay = false;
  }

  async function go(asked: Wish): Promise<void> {
    const wanted = asked.wanted ?? undefined;
    writeWhole(wishPath, JSON.stringify(asked), disk);
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
            now,
            gate,
            mayStart: (release) => inItsHours(release, asked.restartIn),
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
    }
  }

  const firmware: Firmware = {
    name,
    release: { number: started?.number ?? 0, belowFloor: mode === "update-only" },
    mode: mode === "update-only" ? "below-floor" : mode,
    fetch(wanted, restartIn) {
      if (underWay && !waits) return;
      next = { wanted: wanted ?? null, restartIn: restartIn ?? null };
      if (waits) return waits.abort();
      underWay = true;
      void goOn();
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
  if (cutOff || mode === "update-only") firmware.fetch(cutOff?.wanted ?? undefined, cutOff?.restartIn ?? undefined);
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
