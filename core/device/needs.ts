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
  updateFailed: boolean;
}

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
    ...(device.updateFailed ? (["update-failed"] as const) : []),
    ...(device.changedOnDevice ? (["changed-on-device"] as const) : []),
  ];
}
