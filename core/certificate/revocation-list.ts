/**
 * A certificate revocation list (RFC 5280 §5), one part of many: each certificate names its part's address, and a part's
 * issuing distribution point says that it speaks for those alone, so that no other part can be shown in its place.
 * Encoded by hand: certificate libraries for JavaScript need minutes for a long list, and have no distribution point.
 */
import {
  bitString,
  enumerated,
  explicit,
  fromHex,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  sequenceOf,
  text,
  time,
  unsigned,
  yes,
} from "./der.ts";

/** RFC 5280 §5.3.1, as far as we give reasons. */
export const revocationReason = {
  unspecified: 0,
  "key-compromise": 1,
  "affiliation-changed": 3,
  superseded: 4,
  "cessation-of-operation": 5,
} as const;
export type RevocationReason = keyof typeof revocationReason;

export interface Revoked {
  /** Hexadecimal. */
  serial: string;
  /** Milliseconds since the epoch. */
  at: number;
  reason: RevocationReason;
}

export interface RevocationList {
  /** The issuing authority's name, DER, exactly as in its certificate. */
  issuer: Uint8Array;
  /** The authority's subject key identifier. */
  keyIdentifier: Uint8Array;
  /** Grows with every list of this part. */
  number: number;
  /** Whose certificates it speaks for: a root's of its issuing authorities, an issuing authority's of devices. */
  of: "devices" | "authorities";
  /** Where this part is fetched, as its certificates name it. Absent: it is the issuer's only list. */
  address?: string;
  /** Milliseconds since the epoch. */
  from: number;
  until: number;
  revoked: readonly Revoked[];
}

const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

const extension = (identifier: string, contents: Uint8Array, critical = false) =>
  sequence(objectIdentifier(identifier), ...(critical ? [yes] : []), octetString(contents));

const reasonCodes = new Map(
  Object.entries(revocationReason).map(([reason, code]) => [
    reason,
    sequence(extension("2.5.29.21", enumerated(code))),
  ]),
);

function entry({ serial, at, reason }: Revoked): Uint8Array {
  const code = reason === "unspecified" ? undefined : reasonCodes.get(reason);
  return sequence(unsigned(fromHex(serial)), time(at), ...(code ? [code] : []));
}

/** What the authority signs: TBSCertList, version 2. */
export function toBeSigned(list: RevocationList): Uint8Array {
  const address = list.address === undefined ? [] : [explicit(0, explicit(0, implicit(6, text(list.address))))];
  const only = implicit(list.of === "devices" ? 1 : 2, Uint8Array.of(0xff));
  return sequence(
    integer(1),
    ecdsaWithSha256,
    list.issuer,
    time(list.from),
    time(list.until),
    ...(list.revoked.length ? [sequenceOf(list.revoked.map(entry))] : []),
    explicit(
      0,
      sequence(
        extension("2.5.29.35", sequence(implicit(0, list.keyIdentifier))),
        extension("2.5.29.20", integer(list.number)),
        extension("2.5.29.28", sequence(...address, only), true),
      ),
    ),
  );
}

/**
 * The list with its signature.
 * @param signature of ECDSA with P-256 and SHA-256 over {@link toBeSigned}, as Web Crypto gives it: 32 octets r, 32 octets s
 */
export function signedList(toBeSigned: Uint8Array, signature: Uint8Array): Uint8Array {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32, 64)];
  return sequence(toBeSigned, ecdsaWithSha256, bitString(sequence(unsigned(r), unsigned(s))));
}
