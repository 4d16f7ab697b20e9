/** What of an update's progress the pages show. */
import type { FirmwareProgress } from "#core/messages/device.ts";

const over: ReadonlySet<FirmwareProgress["phase"]> = new Set(["healthy", "fell-back", "failed"]);

/** Whether the device is fetching it, or about to start it. */
export const isUnderWay = (update: FirmwareProgress | undefined): update is FirmwareProgress =>
  update !== undefined && !over.has(update.phase);

/** From 0 to 1: how much of the image is there. */
export const shareOf = ({ received, size }: FirmwareProgress): number => (size > 0 ? Math.min(1, received / size) : 0);
