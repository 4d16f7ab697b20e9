/** What of a device wants somebody's hand, so that what can't work is seen before a visitor finds out. */
import type { Need } from "../messages/device-api.ts";

const day = 86_400_000;
/** A certificate renews itself at two thirds of its life: one that ends so soon has not managed to. */
const soon = 14 * day;

export interface DeviceFacts {
  online: boolean;
  virtual: boolean;
  /** Milliseconds since the epoch. Absent: it has no certificate that counts. */
  certificateUntil?: number;
  /** It had one, and it was revoked. */
  revoked: boolean;
  changedOnDevice: boolean;
  buttons: number;
  /** How many people may answer at it. */
  answerers: number;
  belowFloor: boolean;
  /** How the last update ended, if it did not come to run. */
  failedUpdate?: FailedUpdate | undefined;
}

export interface FailedUpdate {
  release: number;
  /** The number of the release that runs. */
  runs?: number | undefined;
  /** The highest that was ever rolled out to its kind of hardware. */
  newest?: number | undefined;
}

/** A failure is past once the device runs that release or a newer one, or another was rolled out in its place: nobody tries it again. */
const isPast = ({ release, runs = 0, newest = 0 }: FailedUpdate): boolean => runs >= release || newest > release;

/** The most urgent first. */
export function needsOf(device: DeviceFacts, now: number): Need[] {
  if (device.virtual) return [];
  const until = device.certificateUntil;
  return [
    ...(device.revoked ? (["revoked"] as const) : []),
    ...(device.belowFloor ? (["below-security-floor"] as const) : []),
    ...(!device.online && !device.revoked ? (["offline"] as const) : []),
    ...(until !== undefined && until - now < soon ? (["certificate-ends"] as const) : []),
    ...(device.buttons > 0 && device.answerers === 0 ? (["button-rings-nobody"] as const) : []),
    ...(device.failedUpdate && !isPast(device.failedUpdate) ? (["update-failed"] as const) : []),
    ...(device.changedOnDevice ? (["changed-on-device"] as const) : []),
  ];
}
