/**
 * Whom a station trusts to be the cloud, once the cloud says that this has changed (RFC 7030 §4.1.3, RFC 4210 §4.4). That the
 * answer came over a connection that is trusted is not enough: who breaks into a media node has that node's key, and no
 * authority's. So a new authority counts if one that counts already has signed its key: NewWithOld.
 */
import { X509Certificate } from "node:crypto";

/** More of them, and the cloud is not ours. */
const most = 32;

/** Whether the authority signed it. */
export const isBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

const certificatesOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

const sameKey = (one: X509Certificate, other: X509Certificate) => one.publicKey.equals(other.publicKey);

/**
 * The anchors after `cacerts` offered these certificates, both PEM: the roots that are vouched for, and by OldWithNew what they
 * vouch for in turn. Where no root is, everything stays as it was.
 */
export function anchorsAfter(present: string, offered: readonly string[]): string {
  const authorities = offered
    .slice(0, most)
    .flatMap(certificatesOf)
    .filter(({ ca }) => ca);
  const vouchedFor = followed(certificatesOf(present), authorities);
  const roots = authorities.filter((one) => isBy(one, one) && vouchedFor.some((known) => sameKey(known, one)));
  if (roots.length === 0) return present;
  // One certificate a key: two that certify each other would be a circle, in which Node's TLS walks for ever.
  return followed(roots, authorities)
    .map((one) => one.toString())
    .join("");
}

/** The known ones, and for every other key that one of them certifies, directly or in turn, such a certificate. */
function followed(known: readonly X509Certificate[], others: readonly X509Certificate[]): X509Certificate[] {
  const all = [...known];
  // What is added here is looked at in its turn: a station that was away for long missed several successions.
  for (const issuer of all)
    for (const one of others) if (!all.some((other) => sameKey(other, one)) && isBy(one, issuer)) all.push(one);
  return all;
}
