/** What every listener has in common that devices reach: which TLS it speaks, and whom a client's certificate names. */
import { constants } from "node:crypto";
import type { PeerCertificate, TlsOptions } from "node:tls";
import { deviceId } from "#core/messages/values.ts";

export interface Credentials {
  /** PEM: the server's certificate chain and key. */
  certificate: string | Buffer;
  key: string | Buffer;
  /** PEM: those who issue devices' certificates, up to the root. */
  deviceAuthority: string | Buffer | (string | Buffer)[];
  /** How long a handshake may take. Milliseconds; ten seconds without it. */
  handshakeTime?: number;
}

/**
 * TLS 1.2 or newer, a certificate asked for. No session tickets: a ticket lets its holder in without a certificate shown, at
 * any node that has its key. What is resumed all the same is looked up like any other.
 */
export const deviceTls = ({ certificate, key, deviceAuthority, handshakeTime = 10_000 }: Credentials): TlsOptions => ({
  minVersion: "TLSv1.2",
  secureOptions: constants.SSL_OP_NO_TICKET,
  sessionTimeout: 1,
  cert: certificate,
  key,
  ca: deviceAuthority,
  requestCert: true,
  handshakeTimeout: handshakeTime,
});

/**
 * The device a client certificate names: its SAN `urn:uuid:<device id>`, which must also be its common name.
 * Undefined where it names none.
 */
export function deviceOfCertificate(certificate: {
  subject?: { CN?: string | string[] };
  subjectaltname?: string;
}): string | undefined {
  const urn = /(?:^|, )URI:"?urn:uuid:([0-9a-f-]{36})"?(?:,|$)/.exec(certificate.subjectaltname ?? "")?.[1];
  if (urn === undefined || certificate.subject?.CN !== urn) return undefined;
  return deviceId.safeParse(urn).success ? urn : undefined;
}

/** A serial number as the edge knows it: hexadecimal, lower case, without leading zeros. */
export const serialOf = ({ serialNumber }: Pick<PeerCertificate, "serialNumber">): string =>
  serialNumber.toLowerCase().replace(/^0+(?=.)/, "");
