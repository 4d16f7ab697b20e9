/**
 * What a station knows of itself, in files: as it left the factory (`factory/<name>.*`, read only), and as it is claimed
 * (`devices/<name>.*`). A key is on the disk before its certificate is asked for, so that a power cut at any moment leaves a
 * station that asks again with the same key and gets the same certificate.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { writeWhole } from "../whole-file.ts";

export interface Credentials {
  /** PEM. */
  certificate: string;
  key: string;
}

/** The label on the device. */
export const label = z.object({ serial: z.string(), model: z.string(), revision: z.string(), code: z.string() });
export type Label = z.infer<typeof label>;

export interface KeptIdentity {
  /** Undefined: this station never saw a factory of ours. */
  readonly factory: Credentials | undefined;
  /** Without its code, once the station was given up: then another counts, that its former owner was shown. */
  readonly label: Label | undefined;
  /** What it was given last, if key and certificate belong together. It may have ended. */
  readonly operational: (Credentials & { deviceId: DeviceId; until: Date; renewAt: Date }) | undefined;
  /** Whom it trusts to be the cloud. PEM, from the factory or as `cacerts` said since. */
  readonly anchors: string;
  /** The key that a certificate is being asked for. */
  readonly nextKey: string | undefined;
  keepNextKey(key: string): void;
  /** The certificate for the next key came: both are the station's from now on. */
  keepCertificate(certificate: string): void;
  keepAnchors(anchors: string): void;
  /** The station is nobody's any more. */
  giveUp(): void;
  /** As it left the factory, but for whom it has learnt to trust since: who follows the factory's anchors may not be let back. */
  reset(): void;
}

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** @param pki the folder; @param name the station's, a device id or a serial number */
export function keptIdentity(pki: string, name: string): KeptIdentity {
  const factory = (what: string) => join(pki, "factory", `${name}.${what}`);
  const device = (what: string) => join(pki, "devices", `${name}.${what}`);
  mkdirSync(join(pki, "devices"), { recursive: true });
  const pair = (certificate: string | undefined, key: string | undefined) =>
    certificate !== undefined && key !== undefined && belong(certificate, key) ? { certificate, key } : undefined;
  function forgetKeys(): void {
    for (const file of ["pem", "key", "next.key"]) rmSync(device(file), { force: true });
  }

  return {
    get factory() {
      return pair(read(factory("pem")), read(factory("key")));
    },
    get label() {
      const text = read(factory("json"));
      if (text === undefined) return undefined;
      const made = label.parse(JSON.parse(text));
      return existsSync(device("given-up")) ? { ...made, code: "" } : made;
    },
    get operational() {
      const found = pair(read(device("pem")), read(device("key")));
      if (!found) return undefined;
      const id = deviceIdIn(found.certificate);
      if (id === undefined) return undefined;
      const certificate = new X509Certificate(found.certificate);
      const [from, until] = [certificate.validFrom, certificate.validTo].map((text) => Date.parse(text));
      if (from === undefined || until === undefined) return undefined;
      const renewAt = new Date(from + ((until - from) * 2) / 3);
      return { ...found, deviceId: id, until: new Date(until), renewAt };
    },
    get anchors() {
      const known = read(device("anchors.pem")) ?? read(factory("anchors.pem")) ?? read(join(pki, "server-ca.pem"));
      if (known === undefined) throw new Error("No anchor of trust from the factory.");
      return known;
    },
    get nextKey() {
      return read(device("next.key"));
    },
    keepNextKey: (key) => writeWhole(device("next.key"), key),
    keepCertificate(certificate) {
      const key = read(device("next.key"));
      if (key === undefined) throw new Error("no key was asked for");
      if (!belong(certificate, key)) throw new Error("the certificate is for another key");
      // Between these two the pair does not match: then the next key is still there, and is asked for again.
      writeWhole(device("key"), key);
      writeWhole(device("pem"), certificate);
      rmSync(device("next.key"));
    },
    keepAnchors: (anchors) => writeWhole(device("anchors.pem"), anchors),
    giveUp() {
      writeWhole(device("given-up"), "");
      forgetKeys();
    },
    reset: forgetKeys,
  };
}

/** Whom a certificate, PEM, names: undefined where that is no device. */
export const deviceIdIn = (certificate: string): DeviceId | undefined =>
  deviceId.safeParse(/^CN=(.*)$/m.exec(new X509Certificate(certificate).subject)?.[1]).data;

const belong = (certificate: string, key: string): boolean =>
  new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
