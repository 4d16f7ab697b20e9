/**
 * By which key each camera is known that is reached over TLS. Cameras sign their certificates themselves, so there is nobody to ask:
 * the key that a camera shows first is kept, and another is not taken for that camera. A camera with a new key is taken out of the
 * configuration and put in again.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Camera } from "#core/device/configuration.ts";
import { writeWhole } from "../whole-file.ts";

/** SHA-256 of a key's SubjectPublicKeyInfo, hexadecimal. */
export const keyPin = z.string().regex(/^[0-9a-f]{64}$/);

/** By camera: at this address that key. */
const kept = z.record(z.string(), z.object({ address: z.string(), key: keyPin }));

export interface KeyPins {
  of(camera: Pick<Camera, "id" | "address">): string | undefined;
  /** The first that is kept for a camera at its address stays. */
  keep(camera: Pick<Camera, "id" | "address">, key: string): void;
  /** Forgets those of all other cameras. */
  only(cameras: readonly Pick<Camera, "id" | "address">[]): void;
}

/** @param path the file they are kept in */
export function openKeyPins(path: string): KeyPins {
  let pins = read(path);
  const of: KeyPins["of"] = ({ id, address }) => (pins[id]?.address === address ? pins[id].key : undefined);
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
      const left = Object.entries(pins).filter(([id, { address }]) =>
        cameras.some((camera) => camera.id === id && camera.address === address),
      );
      if (left.length < Object.keys(pins).length) write(Object.fromEntries(left));
    },
  };
}

function read(path: string): z.output<typeof kept> {
  try {
    return kept.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return {}; // none yet
  }
}
