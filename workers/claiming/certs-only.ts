/** Certificates as EST hands them out: a PKCS #7 SignedData that nobody signed (RFC 7030 §4.1.3, RFC 5652 §5.1). */
import type * as x509 from "@peculiar/x509";
import { explicit, integer, objectIdentifier, sequence, value } from "#core/certificate/der.ts";

const signedData = objectIdentifier("1.2.840.113549.1.7.2");
const data = objectIdentifier("1.2.840.113549.1.7.1");
const set = (...contents: Uint8Array[]) => value(0x31, ...contents);

/** DER. */
export function certsOnly(certificates: readonly x509.X509Certificate[]): Uint8Array {
  const all = certificates.map((certificate) => new Uint8Array(certificate.rawData));
  return sequence(signedData, explicit(0, sequence(integer(1), set(), sequence(data), explicit(0, ...all), set())));
}

/** In lines of 64, as RFC 4648 lets MIME have it. */
export const base64 = (octets: Uint8Array): string =>
  btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join("")).replaceAll(/.{64}(?=.)/g, "$&\n");

export function certsOnlyAnswer(certificates: readonly x509.X509Certificate[]): Response {
  return new Response(`${base64(certsOnly(certificates))}\n`, {
    headers: { "content-type": "application/pkcs7-mime; smime-type=certs-only", "content-transfer-encoding": "base64" },
  });
}
