/** Plays a new device for a running cloud, from its factory to its second certificate, and judges what the cloud does. */
import { randomInt, type X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceId } from "#core/messages/values.ts";
import type { Credentials } from "../../../station/identity/kept-identity.ts";
import { unpack } from "../../../station/identity/unpack.ts";
import type { Judge } from "../findings.ts";
import { playCall } from "./call.ts";
import { judgeOldCertificate, playEnrolment, playRenewal } from "./enrolment.ts";
import { playFirmware } from "./firmware.ts";
import { playLogs } from "./logs.ts";
import { comeByRenewed, playMessages } from "./messages.ts";
import { judgeRevocationList } from "./revocation-list.ts";
import { playTime } from "./time.ts";

export interface CloudAddresses {
  host: string;
  https: number;
  mqtt: number;
  sip: number;
  logs: number;
  ntp: number;
}

export interface JudgeCloudOptions {
  /** The data folder: the cloud's trust anchor (`pki/server-ca.pem`) and a maker's authority (`pki/maker-ca.pem`, `.key`). */
  folder: string;
  addresses: CloudAddresses;
  /** As which model it comes: one that the maker vouches for. */
  model: string;
  /** Somebody has to do this in the portal now. */
  ask(what: "claim" | "log", sentence: string): void;
  judge: Judge;
  /** How long the cloud may take for a step, and a person for what is asked of them. Milliseconds. */
  patience: { cloud: number; person: number };
}

/** What the played device has and knows. */
export interface Device extends Pick<JudgeCloudOptions, "ask" | "patience"> {
  addresses: CloudAddresses;
  /** PEM. */
  anchors: string;
  factory: Credentials;
  code: string;
  judge: Judge;
}

/** The device once it is claimed. */
export interface ClaimedDevice extends Device {
  deviceId: DeviceId;
  own: Credentials;
  /** What `cacerts` says. */
  authorities: readonly X509Certificate[];
}

/** Resolves when everything has been judged that could be. Rejects where the cloud can't be reached at all. */
export async function judgeCloud(options: JudgeCloudOptions): Promise<void> {
  const { folder, addresses, model, judge, ask, patience } = options;
  const pki = join(folder, "pki");
  const serial = `CONFORMANCE-${randomInt(36 ** 6)
    .toString(36)
    .toUpperCase()
    .padStart(6, "0")}`;
  const { host, https } = addresses;
  const { code } = await unpack(pki, { host, port: https }, serial, model);
  judge.fits("maker", "It takes a maker's word of a new device.");
  const file = (name: string) => readFileSync(join(pki, name), "utf8");
  const factory = { certificate: file(`factory/${serial}.pem`), key: file(`factory/${serial}.key`) };
  const device: Device = { addresses, anchors: file("server-ca.pem"), factory, code, judge, ask, patience };

  const claimed = await playEnrolment(device);
  if (!claimed) return;
  await judgeRevocationList(claimed);
  const buttons = await playMessages(claimed);
  await playLogs(claimed);
  await playFirmware(claimed);
  await playCall(claimed, buttons[0]?.key);
  const renewed = await playRenewal(claimed);
  if (renewed) {
    await comeByRenewed({ ...claimed, own: renewed });
    await judgeOldCertificate(claimed, claimed.own);
  }
  await playTime(device);
}
