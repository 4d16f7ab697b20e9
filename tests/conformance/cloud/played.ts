/** What the played cloud is made of: where it is reached, who certifies whom, and what it has seen of the device. */
import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DesiredState } from "#core/device/configuration.ts";
import type { LogLine } from "#core/device/log.ts";
import type { Up, UpMessage } from "#core/messages/device.ts";
import type { FromStation } from "#core/messages/station.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { authorityIn, factoryCertificateIn, serverCertificateIn } from "#media-nodes/pki/folder.ts";
import type { Certified } from "#media-nodes/pki/issue.ts";
import type { IncomingCall } from "#media-nodes/sip-gateway/sip/incoming-call.ts";
import type { SipResponse } from "#media-nodes/sip-gateway/sip/message.ts";
import type { Registration } from "#media-nodes/sip-gateway/sip/registrar.ts";
import type { Judge } from "../findings.ts";
import { type Happenings, newHappenings } from "../happenings.ts";

export interface Addresses {
  /** The name or IPv4 address by which the device reaches the played cloud. */
  host: string;
  /** The IPv4 address for sound and picture, as it stands in SDP. */
  address: string;
  /** What it listens on. */
  bind: string;
  https: number;
  mqtt: number;
  sip: number;
  logs: number;
  ntp: number;
  /** The first of 20 ports for sound and picture. */
  media: number;
}

/** What the device did. */
export type Happening =
  | { what: "unclaimed" }
  | { what: "present" }
  | { what: "certified"; how: "enrolled" | "renewed"; serial: string }
  | { what: "learnt-anchors" }
  | { what: "turned-away" }
  | { what: "listening"; serial: string }
  | { what: "said"; message: UpMessage }
  | { what: "reported-over-https"; report: Up<"reported"> }
  | { what: "registered"; registration: Registration }
  | { what: "pressed"; call: IncomingCall }
  | { what: "told"; message: FromStation }
  | { what: "responded"; response: SipResponse }
  | { what: "uploaded"; commandId: string; lines: LogLine[] }
  | { what: "streamed"; lines: LogLine[] }
  | { what: "asked-the-time" };

export interface Played {
  addresses: Addresses;
  /** PEM. */
  authorities: { root: string; issuing: Certified; servers: string; makers: readonly X509Certificate[] };
  /** The server's. */
  certificate: string;
  key: string;
  /** The id that the device gets. */
  deviceId: DeviceId;
  judge: Judge;
  seen: Happenings<Happening>;
  state: {
    claimed: boolean;
    revoked: boolean;
    desired: DesiredState;
    /** The serials of certificates that are good, the newest last. */
    good: string[];
  };
}

export interface PlayedOptions {
  /** Where its authorities are kept, as the platform keeps them. */
  folder: string;
  addresses: Addresses;
  /** PEM: the maker's authority. Absent: the one in the folder, made on first use. */
  maker?: string;
  deviceId: DeviceId;
  desired: DesiredState;
  judge: Judge;
}

/** The name of the factory's files that the played cloud has for a device without a maker. */
export const factoryName = "conformance";
const plate = { serial: "CONFORMANCE-1", model: "WS 301V CM", revision: "AD" };

export async function makePlayed({
  folder,
  addresses,
  maker,
  deviceId,
  desired,
  judge,
}: PlayedOptions): Promise<Played> {
  const pki = join(folder, "pki");
  mkdirSync(pki, { recursive: true });
  const files = await serverCertificateIn(pki, [addresses.host]);
  const { root, issuing } = await deviceAuthorityIn(pki);
  const own = await authorityIn(pki, "maker-ca");
  await factoryCertificateIn(pki, factoryName, plate);
  writeFileSync(join(pki, "factory", `${factoryName}.json`), JSON.stringify({ ...plate, code: "" }));
  return {
    addresses,
    authorities: {
      root,
      issuing,
      servers: readFileSync(files.authority, "utf8"),
      makers: [own.certificate, ...(maker === undefined ? [] : [maker])].map((pem) => new X509Certificate(pem)),
    },
    certificate: readFileSync(files.certificate, "utf8"),
    key: readFileSync(files.key, "utf8"),
    deviceId,
    judge,
    seen: newHappenings(),
    state: { claimed: false, revoked: false, desired, good: [] },
  };
}
