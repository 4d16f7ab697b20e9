/** Sends the station's log, packed, as a command asked for it. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type LogLine, wholeLogType, writtenLines } from "#core/device/log.ts";
import type { CommandId } from "#core/messages/values.ts";
import { askCloud } from "../identity/cloud-https.ts";
import type { Enrolling } from "../identity/enrol.ts";

/** Rejects where the cloud did not take it. */
export async function uploadLog(
  { cloud, identity }: Enrolling,
  command: CommandId,
  lines: readonly LogLine[],
): Promise<void> {
  const { operational, anchors } = identity;
  if (!operational) throw new Error("this station has no certificate");
  const { status } = await askCloud(cloud, {
    method: "PUT",
    path: `/device/logs/${command}`,
    credentials: operational,
    anchors,
    body: { type: wholeLogType, text: await promisify(gzip)(writtenLines(lines)) },
  });
  if (status !== 204) throw new Error(`the cloud answered ${status}`);
}
