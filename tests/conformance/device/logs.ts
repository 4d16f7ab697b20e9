/** The played device sends its log: what the cloud takes, and what it does not. */
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { logLinesType, wholeLogType, writtenLines } from "#core/device/log.ts";
import { streamedLines } from "#core/messages/device-logs.ts";
import type { Answered } from "../../../station/identity/cloud-https.ts";
import type { Credentials } from "../../../station/identity/kept-identity.ts";
import { asking } from "./enrolment.ts";
import type { ClaimedDevice } from "./judge-cloud.ts";

const line = () => writtenLines([{ at: Date.now(), level: "warn", text: "The conformance kit was here." }]);

/** Sends a log, packed, as this command asked for it. */
export function uploadLog(device: ClaimedDevice, commandId: string): Promise<Answered> {
  const body = { type: wholeLogType, text: gzipSync(line()) };
  return asking(device).ask({ method: "PUT", path: `/device/logs/${commandId}`, credentials: device.own, body });
}

export async function playLogs(device: ClaimedDevice): Promise<void> {
  const { judge, own, factory, addresses } = device;
  const { ask, expectStatus } = asking(device);
  await expectStatus("logs", "a log that nobody asked for", 409, uploadLog(device, randomUUID()));
  const say = (credentials: Credentials, port: number) => {
    const body = { type: logLinesType, text: `${line()}this is no line\n` };
    return ask({ method: "POST", path: "/device/log", credentials, body }, port);
  };
  await expectStatus("logs", "lines under a factory certificate", 401, say(factory, addresses.https));
  const letIn = await say(factory, addresses.logs).then(
    ({ status }) => status,
    () => undefined,
  );
  judge.judge(
    "online",
    letIn === undefined,
    "It lets nobody in by a factory certificate on the port for logs.",
    `It lets in by a factory certificate on the port for logs, and answers ${letIn}.`,
  );
  const answer = await say(own, addresses.logs).catch((error: Error) => ({ status: error.message, text: "" }));
  const told = answer.status === 200 ? streamedLines.safeParse(readJson(answer.text)).data : undefined;
  judge.judge(
    "logs",
    told?.kept === 1 && told.dropped === 1,
    "It takes lines as they come, and says how many it kept.",
    `It answers two lines of a log, one of which is none, with ${answer.status} and "${answer.text.slice(0, 100)}".`,
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
