/**
 * Which authorities issue devices' certificates, and whose certificates count: today's, and those that it succeeded, as long as
 * they last and the root's list (RFC 5280 §5) does not name them.
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export interface Issuer {
  /** What tells authorities apart: the key identifier that its certificates name, hexadecimal. */
  id: string;
  certificate: x509.X509Certificate;
  /** PEM: the same. */
  pem: string;
  /** PKCS #8, PEM. */
  key: string;
}

export interface KeptIssuers {
  /** PEM: today's first, then those that it succeeded. */
  certificates: string;
  /** PEM, in the same order. */
  keys: string;
  /** The root's list, PEM. Without it none is revoked. */
  rootList?: string;
}

/** A PEM text's certificates or keys, one by one. */
export const pemBlocks = (pem: string): string[] =>
  (pem.match(/-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g) ?? []).map((one) => `${one}\n`);

/** Those whose devices' certificates count at that moment (milliseconds). */
export function issuersAt({ certificates, keys, rootList }: KeptIssuers, now: number): Issuer[] {
  const list = rootList ? new x509.X509Crl(rootList) : undefined;
  const keyOf = pemBlocks(keys);
  return pemBlocks(certificates)
    .map((pem, at): Issuer => {
      const certificate = new x509.X509Certificate(pem);
      return { id: keyIdentifier(certificate), certificate, pem, key: keyOf[at] ?? "" };
    })
    .filter(({ certificate }) => certificate.notAfter.getTime() > now && !list?.findRevoked(certificate));
}

/** The same, today's first. Throws where that one counts no more: it needs a successor. */
export function issuersToday(kept: KeptIssuers, now: number): [Issuer, ...Issuer[]] {
  const [today, ...before] = issuersAt(kept, now);
  if (!today || today.pem !== pemBlocks(kept.certificates)[0])
    throw new Error(
      "The authority that issues devices' certificates was revoked, or has ended. Put another in its place: npm run pki -- replace issuing",
    );
  return [today, ...before];
}

/** As its certificates name it, hexadecimal. */
export const keyIdentifier = (authority: x509.X509Certificate): string =>
  authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? "";
