/** A maker with an authority of its own, and devices as they leave its factory, for tests of the routes. */
import "reflect-metadata";
import { env, exports } from "cloudflare:workers";
import * as x509 from "@peculiar/x509";
import { codeFrom, printed } from "#core/device/claim-code.ts";
import { certificateStatuses } from "#core/messages/claiming.ts";
import { connectDb } from "#db/client.ts";
import { maker } from "#db/schema/identity.ts";
import { algorithm, serialOf } from "../claiming/authority.ts";
import { sha256 } from "../hex.ts";

const origin = "https://devices.example";
const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };

export async function makeKeys(namedCurve = "P-256"): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey({ ...algorithm, namedCurve }, true, ["sign", "verify"]);
  if (!("privateKey" in keys)) throw new Error("a pair was wanted");
  return keys;
}

export interface Held {
  keys: CryptoKeyPair;
  certificate: x509.X509Certificate;
}

/** Asks as the media node's front does for who shows this certificate. */
export function askAs(held: Held | undefined, path: string, init: RequestInit = {}): Promise<Response> {
  const encoded = held?.certificate.toString("base64").replaceAll(/\s/g, "");
  const headers = new Headers(init.headers);
  if (encoded) headers.set("authorization", `Bearer ${env.MEDIA_NODE_TOKEN}`);
  if (encoded) headers.set("client-cert", `:${encoded}:`);
  return exports.default.fetch(`${origin}${path}`, { ...init, headers });
}

export interface RequestOptions {
  keys?: CryptoKeyPair;
  name?: string;
  alternative?: string;
  attributes?: x509.Attribute[];
}

/** A certification request, base64. */
export async function requestWith({ keys, name = "anything", alternative, attributes }: RequestOptions = {}) {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys: keys ?? (await makeKeys()),
    signingAlgorithm: algorithm,
    ...(attributes ? { attributes } : {}),
    ...(alternative
      ? { extensions: [new x509.SubjectAlternativeNameExtension([{ type: "url", value: alternative }])] }
      : {}),
  });
  return request.toString("base64").replaceAll(/\s/g, "");
}

export const enrol = (held: Held | undefined, request: string, operation = "simpleenroll") =>
  askAs(held, `/.well-known/est/${operation}`, {
    method: "POST",
    headers: { "content-type": "application/pkcs10", "content-transfer-encoding": "base64" },
    body: request,
  });

/** What EST answers is text, though its type does not say so. */
export const textOf = async (answer: Response) => new TextDecoder().decode(await answer.arrayBuffer());

/** The one certificate in an answer of EST. */
export async function certificateIn(answer: Response): Promise<x509.X509Certificate> {
  const [certificate] = new x509.X509Certificates((await textOf(answer)).replaceAll(/\s/g, ""));
  if (!certificate) throw new Error(`no certificate came: ${answer.status}`);
  return certificate;
}

/** How it stands with certificates, as a media node is told that asks after their handshakes. */
export async function statusesOf(shown: readonly x509.X509Certificate[]) {
  const response = await exports.default.fetch(`${origin}/media-node/certificates`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.MEDIA_NODE_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ serials: shown.map(serialOf) }),
  });
  return certificateStatuses.parse(await response.json()).statuses.map(({ status }) => status);
}

export const statusOf = async (shown: x509.X509Certificate) => (await statusesOf([shown]))[0];

/** Makes a maker that is known to the cloud and vouches for these models. */
export async function newMaker(models = ["WS 301V CM"]) {
  const keys = await makeKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Maker ${crypto.randomUUID()}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const id = await sha256(authority.publicKey.rawData);
  const certificate = authority.toString("pem");
  await connectDb(env).insert(maker).values({ id, name: "Maker", certificate, models });

  async function issue(subject: x509.JsonName, extensions: x509.Extension[] = []): Promise<Held> {
    const own = await makeKeys();
    const made = await x509.X509CertificateGenerator.create({
      subject,
      issuer: authority.subjectName,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      ...validity,
      extensions,
    });
    return { keys: own, certificate: made };
  }
  const courier = await issue(
    [{ CN: ["maker"] }],
    [new x509.SubjectAlternativeNameExtension([{ type: "url", value: "urn:symphony:maker" }])],
  );
  const deliver = (body: object) =>
    askAs(courier, "/maker/identities", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  return {
    deliver,
    issue,
    /** A device with its factory certificate, delivered. */
    async device(serial: string = crypto.randomUUID(), model = "WS 301V CM", revision = "AC") {
      const factory = await issue([{ CN: [model] }, { "2.5.4.5": [serial] }]);
      const code = printed(codeFrom(crypto.getRandomValues(new Uint8Array(10))));
      const answer = await deliver({ serial, model, revision, code });
      if (answer.status !== 200) throw new Error(await answer.text());
      return { factory, code, serial, press: () => askAs(factory, "/device/presence", { method: "POST" }) };
    },
  };
}
