/** Where a station keeps what its owner set, beside its log. */
import { rmSync } from "node:fs";
import { join } from "node:path";

export interface OwnersFiles {
  configuration: string;
  cameraKeys: string;
}

export function ownersFiles(dataFolder: string, device: string): OwnersFiles {
  const configuration = join(dataFolder, "pki", "devices", `${device}.configuration.json`);
  return { configuration, cameraKeys: `${configuration}.camera-keys` };
}

export function removeOwnersFiles({ configuration, cameraKeys }: OwnersFiles): void {
  for (const file of [configuration, cameraKeys]) rmSync(file, { force: true });
}
