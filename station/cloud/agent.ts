/**
 * What a claimed station does over MQTT: it is what it is told to be, says what it is and in which states, runs its outputs
 * by them, and carries commands out.
 */
import type { DeviceCommand, Up } from "#core/messages/device.ts";
import type { CommandId, DeviceId, DoorContact } from "#core/messages/values.ts";
import type { SiteHours } from "#core/schedule/maintenance-window.ts";
import { type Cameras, newCameras } from "../cameras/cameras.ts";
import { openKeyPins } from "../cameras/key-pins.ts";
import type { CameraPlace } from "../cameras/place.ts";
import type { Reporter, StationEvent } from "../events.ts";
import type { Running } from "../identity/configure.ts";
import type { OwnersFiles } from "../owners-files.ts";
import { type Configured, openConfigured } from "./configured.ts";
import { type CloudOptions, openCloud } from "./session.ts";
import { stateOutputs } from "./state-outputs.ts";

export interface AgentOptions
  extends Pick<CloudOptions, "host" | "port" | "credentials" | "onRefused" | "onUnanswered"> {
  deviceId: DeviceId;
  files: OwnersFiles;
  running: Running;
  /** Fetches a release, or the newest. Absent: this station never saw a factory, and has no slots. */
  updateFirmware?(release: number | undefined, restartIn: SiteHours | undefined): void;
  /** Sends the newest lines of the log, as this command asks for them. */
  uploadLog(command: CommandId, lines: number): Promise<void>;
  forgetLog(): void;
  /** It stands in no network of its own, but on a media node, which has a place for its camera. */
  cameraPlace: CameraPlace | undefined;
  report: Reporter;
  /** Renews the certificate; the agent comes back with it. */
  renew(): Promise<void>;
}

export interface Agent {
  readonly configured: Configured;
  readonly film: Cameras["film"];
  readonly beside: Cameras["beside"];
  /** Tells it what happens at the station: its states follow. */
  happened(event: StationEvent): void;
  /** Connects to the broker. Before, only the outputs run. @param onConnected each time the cloud listens */
  connect(onConnected?: () => void): void;
  /** Says how far an update is. Dropped while there is no connection. */
  sayProgress(progress: Up<"progress">): void;
  /** The cloud listens to it. */
  isConnected(): boolean;
  reconnect(): void;
  close(): Promise<void>;
}

/** A door that stands open this long is open for too long. Milliseconds. */
const openForLong = 120_000;

type Done = Pick<Up<"acknowledged">, "result" | "detail">;

export function newAgent(options: AgentOptions): Agent {
  const { report, running } = options;
  let contact: DoorContact = "none";
  let tooLong: NodeJS.Timeout | undefined;
  let cloud: ReturnType<typeof openCloud> | undefined;
  const outputs = stateOutputs((output, on) => report({ event: "output", output, on }));
  const pins = openKeyPins(options.files.cameraKeys, () => report({ event: "camera-keys-lost" }));
  const cameras = newCameras(pins, options.cameraPlace, (name, state) => {
    report({ event: "camera", name, answers: state === "answers" });
    say();
  });
  const configured = openConfigured(options.files.configuration, (now, credentials) => {
    outputs.use(now.outputRules);
    cameras.use(now.cameras, credentials);
  });

  async function obey(command: DeviceCommand, id: CommandId): Promise<Done> {
    switch (command.do) {
      case "identify":
        report({ event: "identify" });
        return { result: "done" };
      case "renew-certificate":
        await options.renew();
        // After the acknowledgement has left.
        setTimeout(() => cloud?.reconnect(), 500).unref();
        return { result: "done" };
      case "restart":
        setTimeout(() => cloud?.reconnect(), 500).unref();
        return { result: "done" };
      case "wipe":
        configured.wipe();
        options.forgetLog();
        return { result: "done" };
      case "update-firmware":
        if (!options.updateFirmware) return { result: "refused", detail: "this station has no firmware of its own" };
        options.updateFirmware(command.release, command.restartIn);
        return { result: "done" };
      case "upload-log":
        await options.uploadLog(id, command.lines);
        return { result: "done" };
    }
  }

  function contactIs(now: DoorContact): void {
    contact = now;
    clearTimeout(tooLong);
    if (now === "open") tooLong = setTimeout(() => set("door-open-too-long", true), openForLong).unref();
    else set("door-open-too-long", false);
  }

  function set(...[state, lasts]: Parameters<typeof outputs.set>): void {
    const before = outputs.states().length;
    outputs.set(state, lasts);
    if (outputs.states().length !== before) say();
  }

  function say(): void {
    cloud?.say("states", {
      states: outputs.states(),
      contact,
      silentCameras: cameras.silent(),
      camerasNotAsked: cameras.notAsked(),
    });
  }

  return {
    configured,
    film: cameras.film,
    beside: cameras.beside,
    happened(event) {
      switch (event.event) {
        case "pressed":
          return set("ringing", true);
        case "answered":
          set("ringing", false);
          return set("in-call", true);
        case "ended":
          set("ringing", false);
          return set("in-call", false);
        case "tamper":
          return set("tamper", event.lasts);
        case "contact":
          contactIs(event.contact);
          return say();
      }
    },
    connect(onConnected) {
      outputs.set("offline", true);
      cloud = openCloud({
        ...options,
        report: () => ({ ...configured.report(), ...running }),
        onDesired(desired) {
          if (configured.apply(desired)) report({ event: "configured", version: desired.version });
        },
        onCommand: obey,
        onConnected(connected) {
          outputs.set("offline", !connected);
          if (!connected) return;
          say();
          onConnected?.();
        },
      });
    },
    sayProgress: (progress) => cloud?.say("progress", progress),
    isConnected: () => cloud?.connected ?? false,
    reconnect: () => cloud?.reconnect(),
    async close() {
      clearTimeout(tooLong);
      outputs.close();
      cameras.close();
      await cloud?.close();
    },
  };
}
