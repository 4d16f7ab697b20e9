/** A virtual station's certificate: the key is made here, the edge certifies it on the media node's word. */
import { X509Certificate } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DeviceId } from "#core/messages/values.ts";
import { deviceAuthorityIn, deviceFiles, load, save } from "../pki/folder.ts";
import { makeRequest } from "../pki/issue.ts";
import type { GatewaySettings } from "./settings.ts";

/** One with less than this left is replaced. Milliseconds. */
const renewBefore = 30 * 24 * 60 * 60_000;

/** Sees to it that the device's certificate lies where the station looks for it. Rejects where the edge gives none. */
export async function certifyVirtualStation(
  { pkiFolder, edgeUrl, mediaNodeToken }: Pick<GatewaySettings, "pkiFolder" | "edgeUrl" | "mediaNodeToken">,
  device: DeviceId,
): Promise<void> {
  mkdirSync(join(pkiFolder, "devices"), { recursive: true });
  const files = deviceFiles(pkiFolder, device);
  if (await lasts(pkiFolder, load(files)?.certificate)) return;
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

/** Whether it is by the authority of today, and not near its end. */
async function lasts(pkiFolder: string, pem: string | undefined): Promise<boolean> {
  if (pem === undefined) return false;
  const certificate = new X509Certificate(pem);
  const { issuing } = await deviceAuthorityIn(pkiFolder);
  if (!certificate.checkIssued(new X509Certificate(issuing.certificate))) return false;
  return Date.parse(certificate.validTo) - Date.now() > renewBefore;
}
