/**
 * The credentials of other makers' cameras: sealed with AES-256-GCM under the platform's key before they are stored, and
 * opened on the way to the one device that needs them. Each is bound to its device, camera and address, so that whoever may
 * change an address can't have a password sent there that they don't know.
 */
import {
  type Camera,
  type CredentialsByCamera,
  cameraCredentials,
  type DesiredMessage,
  type DesiredState,
} from "#core/device/configuration.ts";
import type { CameraChange } from "#core/messages/device-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { StoredConfiguration } from "#db/queries/configuration.ts";
import { base64Url } from "../calls/signing.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";

const algorithm = "AES-GCM";
/** NIST SP 800-38D §8.2: 96 bits, drawn anew for each. Octets. */
const ivLength = 12;

const octets = (text: string) => new TextEncoder().encode(text);
const fromBase64Url = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const keyOf = (env: Env) =>
  crypto.subtle.importKey("raw", fromBase64Url(env.CAMERA_CREDENTIALS_KEY), algorithm, false, ["encrypt", "decrypt"]);

const boundTo = (device: DeviceId, { id, address }: Camera) => octets(`${device} ${id} ${address}`);

async function seal(env: Env, device: DeviceId, camera: Camera, credentials: unknown): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivLength));
  const how = { name: algorithm, iv, additionalData: boundTo(device, camera) };
  const sealed = await crypto.subtle.encrypt(how, await keyOf(env), octets(JSON.stringify(credentials)));
  return base64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/** Undefined: it was sealed under another key, or for another camera. */
async function open(env: Env, device: DeviceId, camera: Camera, sealed: string) {
  const bytes = fromBase64Url(sealed);
  const how = { name: algorithm, iv: bytes.slice(0, ivLength), additionalData: boundTo(device, camera) };
  try {
    const opened = await crypto.subtle.decrypt(how, await keyOf(env), bytes.slice(ivLength));
    return cameraCredentials.parse(JSON.parse(new TextDecoder().decode(opened)));
  } catch {
    log("camera credentials can't be opened", { device, camera: camera.id });
    return undefined;
  }
}

export interface SealedCameras {
  cameras: Camera[];
  sealedCredentials: Record<string, string>;
  /** Names of the cameras whose credentials are others now. */
  credentialsOf: string[];
}

/** What of a change of the cameras is stored: credentials apart and sealed. A camera with another address has none until they are given again. */
export async function sealCameras(
  env: Env,
  device: DeviceId,
  asked: readonly CameraChange[],
  before: Pick<StoredConfiguration, "configuration" | "sealedCredentials">,
): Promise<SealedCameras> {
  const sealedCredentials: Record<string, string> = {};
  const credentialsOf: string[] = [];
  const cameras: Camera[] = [];
  for (const { credentials, ...camera } of asked) {
    cameras.push(camera);
    const known = before.sealedCredentials[camera.id];
    const sameAddress = before.configuration.cameras.some(
      ({ id, address }) => id === camera.id && address === camera.address,
    );
    const kept = credentials === undefined && sameAddress ? known : undefined;
    const sealed = credentials ? await seal(env, device, camera, credentials) : kept;
    if (sealed !== undefined) sealedCredentials[camera.id] = sealed;
    if (sealed !== known) credentialsOf.push(camera.name);
  }
  return { cameras, sealedCredentials, credentialsOf };
}

/** The desired state as it goes to this device, and to nobody else: with its cameras' credentials. */
export async function withCredentials(
  env: Env,
  device: DeviceId,
  { version, configuration }: DesiredState,
  sealedCredentials: StoredConfiguration["sealedCredentials"],
): Promise<DesiredMessage> {
  const opened: CredentialsByCamera = {};
  for (const camera of configuration.cameras) {
    const sealed = sealedCredentials[camera.id];
    const credentials = sealed === undefined ? undefined : await open(env, device, camera, sealed);
    if (credentials) opened[camera.id] = credentials;
  }
  return { version, configuration, cameraCredentials: opened };
}
