/** A demo door's certificate for a phone or a test that does not fetch its own: the reference station fetches it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type CertifiedFiles, deviceFiles } from "#media-nodes/pki/folder.ts";

const program = fileURLToPath(new URL("../../station/main.ts", import.meta.url));

export interface StationEnvironment {
  DATA_DIR: string;
  PUBLIC_HOST?: string;
  SIP_PORT: string;
  DEVICE_HTTPS_PORT?: string;
  MQTT_PORT?: string;
  LOG_PORT?: string;
  NTP_PORT?: string;
}

/** Resolves to its files. */
export async function enrolled(environment: StationEnvironment, deviceId: string): Promise<CertifiedFiles> {
  const env = { PATH: process.env.PATH, ...environment };
  await promisify(execFile)(process.execPath, [program, "enrol", "--device", deviceId, "--json"], { env });
  return deviceFiles(join(environment.DATA_DIR, "pki"), deviceId);
}
