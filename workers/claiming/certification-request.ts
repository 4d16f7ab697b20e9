/** A certification request (PKCS #10, RFC 2986) as EST carries it: base64 of its DER (RFC 7030 §4.2.1, RFC 8951 §3.1). */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** Octets of the body. One for P-256 has about 400. */
export const largestRequest = 8 * 1024;

const subjectAlternativeName = "2.5.29.17";
const challengePassword = "1.2.840.113549.1.9.7";

export type Certification =
  | { ok: true; request: x509.Pkcs10CertificateRequest }
  | { ok: false; code: "malformed" | "wrong-key" | "no-possession" | "challenge-password"; detail: string };

const refused = (code: Exclude<Certification, { ok: true }>["code"], detail: string): Certification => ({
  ok: false,
  code,
  detail,
});

/** Reads a request and checks that who made it has the key. */
export async function readCertification(body: Uint8Array): Promise<Certification> {
  const text = new TextDecoder().decode(body).replaceAll(/\s/g, "");
  let request: x509.Pkcs10CertificateRequest;
  try {
    request = new x509.Pkcs10CertificateRequest(text);
  } catch {
    return refused("malformed", "The body is no certification request: base64 of DER is expected.");
  }
  // It would tie the request to its connection by tls-unique, which TLS 1.3 does not have (RFC 7030 §3.5).
  if (request.attributes.some(({ type }) => type === challengePassword))
    return refused("challenge-password", "A challenge password is not taken: leave it out.");
  const { algorithm } = request.publicKey;
  if (algorithm.name !== "ECDSA" || !("namedCurve" in algorithm) || algorithm.namedCurve !== "P-256")
    return refused("wrong-key", "Only ECDSA keys on P-256 are certified.");
  if (!(await request.verify().catch(() => false)))
    return refused("no-possession", "The request's signature is not by its own key.");
  return { ok: true, request };
}

/** The names a request asks for: subject, and alternative names as they stand. For renewal they must not change (§4.2.2). */
export function sameNames(request: x509.Pkcs10CertificateRequest, certificate: x509.X509Certificate): boolean {
  const extension = request.getExtension(subjectAlternativeName);
  const wished = extension ? new x509.SubjectAlternativeNameExtension(extension.rawData).names.toJSON() : [];
  const has = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  return (
    request.subject === certificate.subject &&
    wished.every((name) => has.some(({ type, value }) => type === name.type && value === name.value))
  );
}
