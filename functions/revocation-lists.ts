/**
 * Signs the parts of the revocation list (RFC 5280 §5) for third parties; our own listeners ask for a certificate's status. A
 * list is signed when it is asked for and something was revoked since, and by the hour before half of its life is over.
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { type Issuer, issuersAt } from "#core/certificate/issuers.ts";
import { signedList, toBeSigned } from "#core/certificate/revocation-list.ts";
import { connectDb } from "#db/client.ts";
import { type KeptList, keepList, listOf, partsSignedBefore, revokedIn } from "#db/queries/revocation-lists.ts";

x509.cryptoProvider.set(crypto);

export interface ListEnv {
  DATABASE_URL: string;
  NEON_FETCH_ENDPOINT: string;
  ROOT_LIST: string;
  ISSUING_CERTIFICATE: string;
  ISSUING_KEY: string;
  CRL_URL: string;
}

const hour = 60 * 60_000;
/** How long a list counts. Milliseconds. */
export const listLife = 24 * hour;
/** What was being revoked while a list was signed may be missing in it: so long after a revocation it is signed again. Milliseconds. */
const writing = 10_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const toBase64 = (octets: Uint8Array) => btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(""));
const fromBase64 = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));

const issuersOf = (env: ListEnv, now: number) =>
  issuersAt({ certificates: env.ISSUING_CERTIFICATE, keys: env.ISSUING_KEY, rootList: env.ROOT_LIST }, now);

/**
 * The newest list of a part, DER; signed anew where something was revoked since. Undefined: there is no such part, or who issued
 * what is in it counts no more, as the root's list says.
 */
export async function currentList(
  env: ListEnv,
  part: string,
  now: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const found = await listOf(connectDb(env), part);
  if (!found) return undefined;
  const { kept, issuerId, revokedAt } = found;
  const issuer = issuersOf(env, now).find(({ id }) => id === issuerId);
  if (!issuer) return undefined;
  const isYoung = kept && now < kept.signedAt.getTime() + listLife / 2;
  const isCurrent = isYoung && (revokedAt?.getTime() ?? 0) < kept.signedAt.getTime() - writing;
  return fromBase64((isCurrent ? kept : await sign(env, issuer, part, (kept?.number ?? 0) + 1, now)).list);
}

/** The root's list, DER: whether the authority counts that signs the others. Nobody here could sign it. */
export const rootList = (env: Pick<ListEnv, "ROOT_LIST">): Uint8Array<ArrayBuffer> =>
  new Uint8Array(x509.PemConverter.decodeFirst(env.ROOT_LIST));

async function sign(env: ListEnv, issuer: Issuer, part: string, number: number, now: number): Promise<KeptList> {
  const db = connectDb(env);
  const pkcs8 = x509.PemConverter.decodeFirst(issuer.key);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  const list = toBeSigned({
    issuer: new Uint8Array(issuer.certificate.subjectName.toArrayBuffer()),
    keyIdentifier: fromHex(issuer.id),
    number,
    of: "devices",
    address: `${env.CRL_URL}/${part}.crl`,
    from: now,
    until: now + listLife,
    // One that has ended is named once more after its end (RFC 5280 §3.3).
    revoked: await revokedIn(db, part, now - listLife),
  });
  const octets = Uint8Array.from(list);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, octets));
  const made = { number, list: toBase64(signedList(octets, signature)), signedAt: new Date(now) };
  await keepList(db, part, made);
  return made;
}

/**
 * Signs anew what is past half its life.
 * @param alarm told in a sentence what a person must see to: lists that were past three quarters, since nobody had signed them in time
 */
export async function signDueLists(env: ListEnv, now: number, alarm: (sentence: string) => void): Promise<void> {
  if (isLate(new x509.X509Crl(rootList(env)), now))
    alarm("The root's revocation list is past three quarters of its life.");
  const issuers = issuersOf(env, now).map(({ id }) => id);
  const due = await partsSignedBefore(connectDb(env), issuers, now - listLife / 2);
  const late = due.filter(({ signedAt }) => signedAt && now - signedAt.getTime() >= (listLife * 3) / 4);
  if (late.length > 0)
    alarm(`${late.length} of ${due.length} revocation lists were past three quarters of their life.`);
  for (const { part } of due) await currentList(env, part, now);
}

function isLate({ thisUpdate, nextUpdate }: x509.X509Crl, now: number): boolean {
  const from = thisUpdate.getTime();
  return now - from >= (((nextUpdate?.getTime() ?? from) - from) * 3) / 4;
}
