/** A key of the station's own (ECDSA P-256), and the request for its certificate (PKCS #10, RFC 2986). */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(crypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** PKCS #8, PEM. It is made here and stays here. */
export async function makeKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY")}\n`;
}

/**
 * A request for this key, base64 of DER as EST carries it.
 * @param renewing the certificate that is to be renewed, PEM: its names are asked for again
 */
export async function requestFor(key: string, commonName: string, renewing?: string): Promise<string> {
  const pkcs8 = x509.PemConverter.decodeFirst(key);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]);
  const { d: _, key_ops: __, ...point } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", point, algorithm, true, ["verify"]);
  const names = renewing && new x509.X509Certificate(renewing).getExtension(x509.SubjectAlternativeNameExtension);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: algorithm,
    ...(names ? { extensions: [names] } : {}),
  });
  return request.toString("base64");
}

/** What EST answers with: certificates in a PKCS #7 that nobody signed, base64. PEM of each. */
export const certificatesIn = (answer: string): string[] =>
  [...new x509.X509Certificates(answer.replaceAll(/\s/g, ""))].map((one) => `${one.toString("pem")}\n`);
