/** The organisation's virtual station: the reference station, run by the platform, to try a call with. */
import { virtualStation } from "#core/messages/portal-api.ts";
import { request, send } from "./request.ts";

/** Makes it on first use. */
export const ensureVirtualStation = () => request(virtualStation, "/api/virtual-station", { method: "POST" });

/** Presses its button. @throws ApiError, `station-offline` where the media node is away */
export async function pressVirtualStation(): Promise<void> {
  await send("/api/virtual-station/press", { method: "POST" });
}
