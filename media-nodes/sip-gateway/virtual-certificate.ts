/** A virtual station's certificate: the key is made here, the edge certifies it on the media node's word. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DeviceId } from "#core/messages/values.ts";
import { lastsIn } from "../pki/device-authority.ts";
import { deviceFiles, load, save } from "../pki/folder.ts";
import { makeRequest } from "../pki/issue.ts";
import type { GatewaySettings } from "./settings.ts";

/** Sees to it that the device's certificate lies where the station looks for it. Rejects where the edge gives none. */
export async function certifyVirtualStation(
  { pkiFolder, edgeUrl, mediaNodeToken }: Pick<GatewaySettings, "pkiFolder" | "edgeUrl" | "mediaNodeToken">,
  device: DeviceId,
): Promise<void> {
  mkdirSync(join(pkiFolder, "devices"), { recursive: true });
  const files = deviceFiles(pkiFolder, device);
  if (await lastsIn(pkiFolder, load(files)?.certificate)) return;
  const { request, key } = await makeRequest(device);
  const response = await fetch(new URL(`/media-node/virtual-stations/${device}/certificate`, edgeUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${mediaNodeToken}`, "content-type": "application/pkcs10" },
    body: request.replaceAll(/-----.*-----|\s/g, ""),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`the edge answered ${response.status} to a virtual station's request`);
  save(files, { certificate: await response.text(), key });
}
