/** The cameras of other makers that a station is configured with: pulled as long as they are, and which of them don't answer. */
import type { Camera, CamerasNotAsked, CredentialsByCamera } from "#core/device/configuration.ts";
import { same } from "#core/device/difference.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { type Camera as Filming, startCamera } from "../camera.ts";
import type { KeyPins } from "./key-pins.ts";
import type { CameraPlace } from "./place.ts";
import { type PulledCamera, pullCamera, type Source } from "./pulled-camera.ts";

export interface Cameras {
  /** These from now on. What stays as it was goes on undisturbed. */
  use(cameras: readonly Camera[], credentials: CredentialsByCamera): void;
  /** The ids of those that don't answer. */
  silent(): string[];
  /** Why some of those are not asked. */
  notAsked(): CamerasNotAsked;
  /** The station's picture: the first camera shown instead that answers, or else its own, the test picture with this code. */
  film(code: number, send: (packet: RtpPacket) => void): Filming;
  /** The first camera shown beside that answers. */
  beside(): PulledCamera["film"] | undefined;
  close(): void;
}

interface Held {
  camera: Camera;
  source: Source;
  /** Undefined: there is no place for it. */
  pulled: PulledCamera | undefined;
}

/**
 * @param place of a station that stands in no network of its own: one camera is pulled there while it has a place, at a public
 * address. Absent: all are, in the station's network
 * @param onChange a camera began or ceased to answer, or has no place
 */
export function newCameras(
  pins: KeyPins,
  place: CameraPlace | undefined,
  onChange: (name: string, state: PulledCamera["state"]) => void,
): Cameras {
  let held: Held[] = [];
  let configured: { cameras: readonly Camera[]; credentials: CredentialsByCamera } = { cameras: [], credentials: {} };
  /** Undefined: it was not said yet. */
  let hasPlace: boolean | undefined;
  /** The ids of those that have no place, as it was told. */
  let withoutPlace: string[] = [];
  const lookers = new Set<() => void>();
  const look = () => {
    for (const one of lookers) one();
  };

  function hold(camera: Camera, rank: number): Held {
    const credentials = configured.credentials[camera.id];
    const source = { address: camera.address, credentials, onlyPublic: place !== undefined };
    if (place && (rank > 0 || !hasPlace)) return { camera, source, pulled: undefined };
    const before = held.find((one) => one.camera.id === camera.id && same(one.source, source));
    if (before?.pulled) return { ...before, camera };
    const key = { known: () => pins.of(camera), keep: (shown: string) => pins.keep(camera, shown) };
    const changed = () => {
      onChange(camera.name, pulled.state);
      look();
    };
    const pulled = pullCamera(source, changed, key);
    return { camera, source, pulled };
  }

  function settle(): void {
    const before = held;
    held = configured.cameras.map(hold);
    for (const { pulled } of before) if (!held.some((one) => one.pulled === pulled)) pulled?.close();
    look();
    const known = withoutPlace;
    withoutPlace = tooMany().map(({ camera }) => camera.id);
    for (const { camera } of tooMany()) if (!known.includes(camera.id)) onChange(camera.name, "silent");
  }

  const answering = (shown: Camera["shown"]) =>
    held.find(({ camera, pulled }) => camera.shown === shown && pulled?.state === "answers")?.pulled;
  const tooMany = () => held.filter(({ pulled }, rank) => !pulled && (rank > 0 || hasPlace === false));

  return {
    use(cameras, credentials) {
      // A station that lost its configuration has no cameras until it is told again: their keys must outlive that.
      if (held.length > 0 || cameras.length > 0) pins.only(cameras);
      const [wanted, wants] = [configured.cameras.length > 0, cameras.length > 0];
      configured = { cameras, credentials };
      settle();
      if (!place || wanted === wants) return;
      hasPlace = undefined;
      if (!wants) return place.giveBack();
      place.want((now) => {
        hasPlace = now;
        settle();
      });
    },
    silent: () =>
      [...held.filter(({ pulled }) => pulled?.state === "silent"), ...tooMany()].map(({ camera }) => camera.id),
    notAsked: () =>
      Object.fromEntries([
        ...held.filter(({ pulled }) => pulled?.notPublic).map(({ camera }) => [camera.id, "not-public"] as const),
        ...tooMany().map(({ camera }) => [camera.id, "too-many"] as const),
      ]),
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
      place?.giveBack();
      for (const { pulled } of held.splice(0)) pulled?.close();
    },
  };
}
