/** The list that tells others which certificates are revoked, as the device's own certificate names it (RFC 5280 §4.2.1.13). */
import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { ClaimedDevice } from "./judge-cloud.ts";

x509.cryptoProvider.set(crypto);

export async function judgeRevocationList({ judge, own, authorities, patience }: ClaimedDevice): Promise<void> {
  const certificate = new x509.X509Certificate(own.certificate);
  const [point] = certificate.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const address = point?.distributionPoint?.fullName?.[0]?.uniformResourceIdentifier;
  if (address === undefined)
    return judge.wrong("end", "Its certificate names no revocation list: nobody else can know when it is revoked.");
  const list = await fetch(address, { signal: AbortSignal.timeout(patience.cloud) })
    .then(async (answer) => (answer.ok ? new x509.X509Crl(await answer.arrayBuffer()) : `${answer.status}`))
    .catch((error: Error) => error.message);
  if (typeof list === "string")
    return judge.wrong("end", `There is no revocation list where its certificate names it, ${address}: ${list}.`);
  const issuer = authorities.find((one) => new X509Certificate(own.certificate).checkIssued(one));
  const publicKey = issuer && new x509.PublicKey(issuer.publicKey.export({ type: "spki", format: "der" }));
  judge.judge(
    "end",
    publicKey !== undefined && (await list.verify({ publicKey })) && (list.nextUpdate?.getTime() ?? 0) > Date.now(),
    "The revocation list that its certificate names is there, signed by who certified it, and not over.",
    "The revocation list that its certificate names is not signed by who certified it, or is over.",
  );
  judge.judge(
    "end",
    list.findRevoked(certificate.serialNumber) === null,
    "The list does not name the certificate that has just been issued.",
    "The list names the certificate that has just been issued.",
  );
}
