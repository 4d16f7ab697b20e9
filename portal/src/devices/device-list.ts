/** Which devices the list shows, and what each row says of its device. Pure. */
import type { DoorState } from "#core/messages/client.ts";
import type { DeviceRow } from "#core/messages/device-api.ts";
import type { Status } from "../design/StatusDot.tsx";

export type Show = "online" | "offline" | "needs";
export interface Filter {
  show?: Show;
  search?: string;
  site?: string;
}

/** Offline alone is shown where it belongs, under "Offline": what wants a hand is what will not mend itself. */
export const wantsHand = (device: DeviceRow): boolean => device.needs.some((need) => need !== "offline");

function shown(device: DeviceRow, show: Show | undefined): boolean {
  if (show === "online") return device.online;
  if (show === "offline") return !device.online;
  return show === undefined || wantsHand(device);
}

/** Every word typed is in the name, the model, the serial number, the site or a group. */
function found(device: DeviceRow, search: string | undefined): boolean {
  const all = [device.name, device.model, device.serial, device.site.name, ...device.groups].join("\n").toLowerCase();
  const words = search?.toLowerCase().split(/\s+/) ?? [];
  return words.every((word) => all.includes(word));
}

export const filtered = (devices: readonly DeviceRow[], { show, search, site }: Filter): DeviceRow[] =>
  devices.filter(
    (device) => shown(device, show) && found(device, search) && (site === undefined || device.site.siteId === site),
  );

export type DeviceState =
  | { status: "ringing" | "in-call" | "online"; words: "ringing" | "talking" | "online" }
  | { status: "fault"; words: "open-too-long" | "tamper" }
  | { status: "offline"; words: "offline" | "unknown"; since: number };

/** What is said of a device's state: trouble first, then calls, then whether it is there. */
export function stateOf(device: DeviceRow, live: DoorState | undefined): DeviceState & { status: Status } {
  const online = live?.online ?? device.online;
  const words = device.away === "ours" ? "unknown" : "offline";
  if (!online) return { status: "offline", words, since: live?.since ?? device.since };
  if (device.states.includes("tamper")) return { status: "fault", words: "tamper" };
  if (device.states.includes("door-open-too-long")) return { status: "fault", words: "open-too-long" };
  if (live?.call?.phase === "ringing") return { status: "ringing", words: "ringing" };
  if (live?.call?.phase === "talking") return { status: "in-call", words: "talking" };
  return { status: "online", words: "online" };
}
