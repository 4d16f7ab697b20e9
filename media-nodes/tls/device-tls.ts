/** What every listener has in common that devices reach: which TLS it speaks, and whom a client's certificate names. */
import { constants, X509Certificate } from "node:crypto";
import type { PeerCertificate, TLSSocket, TlsOptions } from "node:tls";
import { type DeviceId, deviceId } from "#core/messages/values.ts";

export interface Credentials {
  /** PEM: the server's certificate chain and key. */
  certificate: string | Buffer;
  key: string | Buffer;
  /** PEM: those whose devices' certificates count, and the root. */
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

/** Tells whether an authority of these (PEM) has issued a certificate by its own hand. */
export function issuedByOneOf(
  deviceAuthority: Credentials["deviceAuthority"],
): (certificate: X509Certificate) => boolean {
  const authorities = [deviceAuthority].flat().map((pem) => new X509Certificate(pem));
  return (certificate) => authorities.some((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey));
}

/**
 * The device whose certificate is shown on a connection: its SAN `urn:uuid:<device id>`, which must also be its common name.
 * Undefined where it names none.
 * @param counts whether who issued it counts: TLS takes any chain up to the root, also one that a client sent along and that
 * leads there by an authority whose certificates count no more
 */
export function deviceOn(socket: TLSSocket, counts: (certificate: X509Certificate) => boolean): DeviceId | undefined {
  const certificate = socket.getPeerX509Certificate();
  const urn = /(?:^|, )URI:"?urn:uuid:([0-9a-f-]{36})"?(?:,|$)/.exec(certificate?.subjectAltName ?? "")?.[1];
  if (!certificate || certificate.subject !== `CN=${urn}` || !counts(certificate)) return undefined;
  return deviceId.safeParse(urn).data;
}

/** A serial number as the edge knows it: hexadecimal, lower case, without leading zeros. */
export const serialOf = ({ serialNumber }: Pick<PeerCertificate, "serialNumber">): string =>
  serialNumber.toLowerCase().replace(/^0+(?=.)/, "");
