/**
 * By which key each camera is known that is reached over TLS. Cameras sign their certificates themselves, so there is nobody to ask:
 * the key that a camera shows first is kept, and another is not taken for that camera. A camera with a new key is taken out of the
 * configuration and put in again. So is each whose key was lost with the file: nobody can say any more which one it showed first.
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Camera } from "#core/device/configuration.ts";
import { writeWhole } from "../whole-file.ts";

/** SHA-256 of a key's SubjectPublicKeyInfo, hexadecimal. */
export const keyPin = z.string().regex(/^[0-9a-f]{64}$/);

/** By camera: at this address that key. */
const kept = z.record(z.string(), z.object({ address: z.string(), key: keyPin }));
/** No key has this hash. */
const lost = "0".repeat(64);

export interface KeyPins {
  of(camera: Pick<Camera, "id" | "address">): string | undefined;
  /** The first that is kept for a camera at its address stays. */
  keep(camera: Pick<Camera, "id" | "address">, key: string): void;
  /** Forgets those of all other cameras. Where the file was damaged, none of these is trusted any more. */
  only(cameras: readonly Pick<Camera, "id" | "address">[]): void;
}

/** @param path the file they are kept in; @param onLost it is damaged */
export function openKeyPins(path: string, onLost: () => void): KeyPins {
  const whole = read(path);
  let pins = whole ?? {};
  let damaged = whole === undefined;
  if (damaged) onLost();
  const of: KeyPins["of"] = ({ id, address }) => {
    if (damaged) return lost;
    return pins[id]?.address === address ? pins[id].key : undefined;
  };
  const write = (next: typeof pins) => {
    writeWhole(path, JSON.stringify(next));
    pins = next;
  };
  return {
    of,
    keep(camera, key) {
      if (of(camera) === undefined) write({ ...pins, [camera.id]: { address: camera.address, key } });
    },
    only(cameras) {
      if (damaged) {
        write(Object.fromEntries(cameras.map(({ id, address }) => [id, { address, key: lost }])));
        damaged = false;
        return;
      }
      const left = Object.entries(pins).filter(([id, { address }]) =>
        cameras.some((camera) => camera.id === id && camera.address === address),
      );
      if (left.length < Object.keys(pins).length) write(Object.fromEntries(left));
    },
  };
}

/** Undefined: it is damaged. */
function read(path: string): z.output<typeof kept> | undefined {
  if (!existsSync(path)) return {};
  try {
    return kept.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
