/**
 * Devices' certificates as the platform's authority would issue them, encoded by hand: a fleet's in seconds, where the library
 * that makes them one by one takes minutes.
 */
import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  text,
  time,
  unsigned,
  value,
} from "#core/certificate/der.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { Certified } from "#media-nodes/pki/issue.ts";

const day = 86_400_000;
const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const extension = (identifier: string, contents: Uint8Array) =>
  sequence(objectIdentifier(identifier), octetString(contents));
const clientAuth = extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.2")));

/** @returns what gives a device a key of its own and a certificate (RFC 5280 §4.1) */
export function newCertifier(authority: Certified): (id: DeviceId) => Certified & { serial: string } {
  const issuer = new Uint8Array(new x509.X509Certificate(authority.certificate).subjectName.toArrayBuffer());
  const signingKey = createPrivateKey(authority.key);
  const now = Date.now();
  const validity = sequence(time(now - day), time(now + 90 * day));
  return (id) => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    // Its first bit is set, so that no zero leads it.
    const serial = Uint8Array.from(randomBytes(16), (octet, at) => (at === 0 ? octet | 0x80 : octet));
    const commonName = sequence(objectIdentifier("2.5.4.3"), value(0x0c, text(id)));
    const toBeSigned = sequence(
      explicit(0, integer(2)),
      unsigned(serial),
      ecdsaWithSha256,
      issuer,
      validity,
      sequence(value(0x31, commonName)),
      publicKey.export({ type: "spki", format: "der" }),
      explicit(3, sequence(clientAuth, extension("2.5.29.17", sequence(implicit(6, text(`urn:uuid:${id}`)))))),
    );
    const certificate = sequence(toBeSigned, ecdsaWithSha256, bitString(sign("sha256", toBeSigned, signingKey)));
    return {
      serial: Buffer.from(serial).toString("hex"),
      certificate: new X509Certificate(certificate).toString(),
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
  };
}
