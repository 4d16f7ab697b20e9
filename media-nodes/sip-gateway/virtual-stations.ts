/**
 * Virtual stations: the reference station run here as a child process, one a device, so that somebody without a door can
 * try one. It registers over the network like any other, with a certificate of its own, and stays so that its door can
 * be opened and it can be called; those that ran come back with the gateway. It gets none of the gateway's secrets, and pulls
 * cameras at public addresses alone, since it stands in our network and is told its cameras by strangers.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { z } from "zod";
import { type DeviceId, deviceId as deviceIdSchema } from "#core/messages/values.ts";
import { newCameraPlaces } from "./camera-places.ts";

export type VirtualStationsOptions = {
  log: Logger;
  host: string;
  port: number;
  /** Of the broker, for its cameras. */
  mqttPort: number;
  /** Sees to it that the device's certificate lies where the station looks for it. */
  certify(deviceId: DeviceId): Promise<unknown>;
  /** The data folder, for the certificates, and to remember in `run/virtual-stations.json` which ran. */
  dataFolder: string;
  /** @default the reference station */
  command?: readonly [string, ...string[]];
  /** How many run at once; the one that was pressed longest ago makes room. @default 32 */
  most?: number;
  /** How many of them pull a camera at once. @default 16 */
  mostCameras?: number;
};

export type VirtualStations = {
  /** Presses its button; starts it where it does not run. */
  press(deviceId: DeviceId): void;
  /** Starts those that ran when the gateway last ended. To be called once stations can connect. */
  resume(): void;
  running(): readonly DeviceId[];
  /** Ends them all, until `resume` of the next start. */
  close(): void;
};

const stationProgram = fileURLToPath(new URL("../../station/main.ts", import.meta.url));
/** A child that was asked to end is killed after this time, in milliseconds. */
const endTime = 3_000;
const restartPause = 1_000;
/** A child that fails this often without having lived a minute is left alone until the next press. */
const mostRestarts = 5;

type Running = { child: ChildProcess | undefined; failures: number; startedAt: number; stopped: boolean };

export function newVirtualStations(options: VirtualStationsOptions): VirtualStations {
  const { log, most = 32, mostCameras = 16 } = options;
  const givePlace = newCameraPlaces(mostCameras);
  const [program, ...first] = options.command ?? [process.execPath, stationProgram];
  /** In the order of their last press. */
  const stations = new Map<DeviceId, Running>();
  const memory = join(options.dataFolder, "run", "virtual-stations.json");

  function remember(): void {
    mkdirSync(dirname(memory), { recursive: true });
    writeFileSync(`${memory}.new`, JSON.stringify([...stations.keys()]));
    renameSync(`${memory}.new`, memory);
  }

  function remembered(): readonly DeviceId[] {
    if (!existsSync(memory)) return [];
    try {
      return z.array(deviceIdSchema).parse(JSON.parse(readFileSync(memory, "utf8")));
    } catch {
      return []; // written half by a gateway that was killed: then they come back when they are pressed
    }
  }

  function forget(deviceId: DeviceId): void {
    stations.delete(deviceId);
    remember();
  }

  function add(deviceId: DeviceId, press: boolean): void {
    const station = { child: undefined, failures: 0, startedAt: 0, stopped: false };
    stations.set(deviceId, station);
    launch(deviceId, station, press);
  }

  async function start(deviceId: DeviceId, station: Running, press: boolean): Promise<void> {
    await options.certify(deviceId);
    if (station.stopped) return;
    const mode = press ? "press" : "listen";
    const where = ["--host", options.host, "--port", String(options.port), "--mqtt-port", String(options.mqttPort)];
    const child = spawn(program, [...first, mode, "--device", deviceId, ...where, "--virtual", "--stay", "--json"], {
      // Only what it needs: no token, no key of the gateway's.
      env: { PATH: process.env.PATH, DATA_DIR: options.dataFolder },
      stdio: ["pipe", "ignore", "ignore", "ipc"],
    });
    givePlace(child);
    station.child = child;
    station.startedAt = Date.now();
    log.info({ event: "virtual-station", deviceId, pid: child.pid, mode }, "virtual station started");
    child.stdin?.on("error", () => undefined); // it ended meanwhile: "exit" tells
    child.on("error", (error) => log.error({ err: error, deviceId }, "virtual station does not start"));
    child.on("exit", (code, signal) => {
      station.child = undefined;
      if (station.stopped) return;
      const lived = Date.now() - station.startedAt;
      station.failures = lived > 60_000 ? 1 : station.failures + 1;
      log.warn({ deviceId, code, signal, lived }, "virtual station ended");
      if (station.failures > mostRestarts) return forget(deviceId);
      setTimeout(() => station.stopped || launch(deviceId, station, false), restartPause * station.failures).unref();
    });
  }

  function launch(deviceId: DeviceId, station: Running, press: boolean): void {
    start(deviceId, station, press).catch((error: unknown) => {
      log.error({ err: error, deviceId }, "no virtual station");
      forget(deviceId);
    });
  }

  function stop(station: Running): void {
    station.stopped = true;
    const { child } = station;
    if (!child) return;
    child.kill("SIGTERM");
    const insist = setTimeout(() => child.kill("SIGKILL"), endTime);
    child.once("exit", () => clearTimeout(insist));
  }

  return {
    press(deviceId) {
      const known = stations.get(deviceId);
      stations.delete(deviceId);
      if (known?.child) {
        stations.set(deviceId, known);
        remember();
        known.child.stdin?.write("press\n");
        return;
      }
      const [oldest] = stations;
      if (oldest && stations.size >= most) {
        stations.delete(oldest[0]);
        stop(oldest[1]);
      }
      // One that waits for its restart is superseded.
      if (known) known.stopped = true;
      add(deviceId, true);
      remember();
    },
    resume() {
      for (const deviceId of remembered().slice(-most)) if (!stations.has(deviceId)) add(deviceId, false);
    },
    running: () => [...stations].filter(([, station]) => station.child).map(([deviceId]) => deviceId),
    close() {
      for (const station of stations.values()) stop(station);
      stations.clear();
    },
  };
}
