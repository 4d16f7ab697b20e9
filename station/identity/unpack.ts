/**
 * A new reference station, as its maker makes one: serial number, factory certificate (IEEE 802.1AR), claim code, whom to trust
 * to be the cloud, and the word to the cloud that this device exists. Development only: the maker's authority lies in the data folder.
 */
import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { codeFrom, printed } from "#core/device/claim-code.ts";
import { writeWhole } from "../whole-file.ts";
import { askCloud, type CloudHttps } from "./cloud-https.ts";
import type { Credentials, Label } from "./kept-identity.ts";
import { makeKey } from "./key-request.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const serialNumber = "2.5.4.5";
const forEver = new Date("9999-12-31T23:59:59Z"); // RFC 5280 §4.1.2.5

async function issue(
  maker: Credentials,
  subject: x509.JsonName,
  until: Date,
  extensions: x509.Extension[],
): Promise<Credentials> {
  const authority = new x509.X509Certificate(maker.certificate);
  const key = await makeKey();
  const pkcs8 = (pem: string) => x509.PemConverter.decodeFirst(pem);
  const own = await crypto.subtle.importKey("pkcs8", pkcs8(key), algorithm, true, ["sign"]);
  const { d: _, key_ops: __, ...point } = await crypto.subtle.exportKey("jwk", own);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `4${randomBytes(16).toString("hex").slice(1)}`,
    subject,
    issuer: authority.subjectName,
    notBefore: new Date(Date.now() - 5 * 60_000),
    notAfter: until,
    publicKey: await crypto.subtle.importKey("jwk", point, algorithm, true, ["verify"]),
    signingKey: await crypto.subtle.importKey("pkcs8", pkcs8(maker.key), algorithm, false, ["sign"]),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...extensions,
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key };
}

/** Makes it and delivers it. Rejects where the cloud does not take it. */
export async function unpack(pki: string, cloud: CloudHttps, serial: string, model: string): Promise<Label> {
  const file = (name: string) => readFileSync(join(pki, name), "utf8");
  const maker = { certificate: file("maker-ca.pem"), key: file("maker-ca.key") };
  const label: Label = { serial, model, revision: "AD", code: printed(codeFrom(randomBytes(10))) };
  const factory = await issue(maker, [{ CN: [model] }, { [serialNumber]: [serial] }], forEver, []);
  const name = new x509.SubjectAlternativeNameExtension([{ type: "url", value: "urn:symphony:maker" }]);
  const courier = await issue(maker, [{ CN: ["maker"] }], new Date(Date.now() + 3_600_000), [name]);
  const answer = await askCloud(cloud, {
    method: "POST",
    path: "/maker/identities",
    credentials: courier,
    anchors: file("server-ca.pem"),
    body: { type: "application/json", text: JSON.stringify(label) },
  });
  if (answer.status !== 200) throw new Error(`The cloud did not take the new station: ${answer.text}`);
  mkdirSync(join(pki, "factory"), { recursive: true });
  const path = (ending: string) => join(pki, "factory", `${serial}.${ending}`);
  writeWhole(path("key"), factory.key);
  writeWhole(path("pem"), factory.certificate);
  writeWhole(path("anchors.pem"), file("server-ca.pem"));
  writeWhole(path("json"), JSON.stringify(label));
  return label;
}
