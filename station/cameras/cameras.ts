/** The cameras of other makers that a station is configured with: pulled as long as they are, and which of them don't answer. */
import type { Camera, CredentialsByCamera } from "#core/device/configuration.ts";
import { same } from "#core/device/difference.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { type Camera as Filming, startCamera } from "../camera.ts";
import type { KeyPins } from "./key-pins.ts";
import { type PulledCamera, pullCamera, type Source } from "./pulled-camera.ts";

export interface Cameras {
  /** These from now on. What stays as it was goes on undisturbed. */
  use(cameras: readonly Camera[], credentials: CredentialsByCamera): void;
  /** The ids of those that don't answer. */
  silent(): string[];
  /** Of those, the ids of the ones that are not asked: their address is not public. */
  notPublic(): string[];
  /** The station's picture: the first camera shown instead that answers, or else its own, the test picture with this code. */
  film(code: number, send: (packet: RtpPacket) => void): Filming;
  /** The first camera shown beside that answers. */
  beside(): PulledCamera["film"] | undefined;
  close(): void;
}

interface Held {
  camera: Camera;
  source: Source;
  pulled: PulledCamera;
}

/**
 * @param onlyPublic cameras are reached at public addresses alone
 * @param onChange a camera began or ceased to answer; not by `use` alone
 */
export function newCameras(
  pins: KeyPins,
  onlyPublic: boolean,
  onChange: (name: string, state: PulledCamera["state"]) => void,
): Cameras {
  let held: Held[] = [];
  const lookers = new Set<() => void>();
  const look = () => {
    for (const one of lookers) one();
  };

  function hold(camera: Camera, credentials: CredentialsByCamera): Held {
    const source = { address: camera.address, credentials: credentials[camera.id], onlyPublic };
    const before = held.find((one) => one.camera.id === camera.id && same(one.source, source));
    if (before) return { ...before, camera };
    const key = { known: () => pins.of(camera), keep: (shown: string) => pins.keep(camera, shown) };
    const changed = () => {
      onChange(camera.name, pulled.state);
      look();
    };
    const pulled = pullCamera(source, changed, key);
    return { camera, source, pulled };
  }

  const answering = (shown: Camera["shown"]) =>
    held.find(({ camera, pulled }) => camera.shown === shown && pulled.state === "answers")?.pulled;

  return {
    use(cameras, credentials) {
      // A station that lost its configuration has no cameras until it is told again: their keys must outlive that.
      if (held.length > 0 || cameras.length > 0) pins.only(cameras);
      const next = cameras.map((camera) => hold(camera, credentials));
      for (const { pulled } of held) if (!next.some((one) => one.pulled === pulled)) pulled.close();
      held = next;
      look();
    },
    silent: () => held.filter(({ pulled }) => pulled.state === "silent").map(({ camera }) => camera.id),
    notPublic: () => held.filter(({ pulled }) => pulled.notPublic).map(({ camera }) => camera.id),
    beside: () => answering("beside")?.film,
    film(code, send) {
      let shown = answering("instead");
      const begin = () => shown?.film(send) ?? startCamera(code, send);
      let filming = begin();
      const turn = () => {
        const next = answering("instead");
        if (next === shown) return;
        filming.stop();
        shown = next;
        filming = begin();
      };
      lookers.add(turn);
      return {
        requestKeyframe: () => filming.requestKeyframe(),
        stop() {
          lookers.delete(turn);
          filming.stop();
        },
      };
    },
    close() {
      for (const { pulled } of held.splice(0)) pulled.close();
    },
  };
}
