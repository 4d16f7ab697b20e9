/** The played device gets its certificate: every request that EST and the claim know, right and wrong. */
import "reflect-metadata";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import * as x509 from "@peculiar/x509";
import { desiredMessage } from "#core/device/configuration.ts";
import { deviceId } from "#core/messages/values.ts";
import { type Answered, type Asked, askCloud } from "../../../station/identity/cloud-https.ts";
import type { Credentials } from "../../../station/identity/kept-identity.ts";
import { certificatesIn, makeKey, requestFor } from "../../../station/identity/key-request.ts";
import type { Section } from "../findings.ts";
import type { ClaimedDevice, Device } from "./judge-cloud.ts";

const est = (operation: string) => `/.well-known/est/${operation}`;
const day = 86_400_000;

/** How the played device asks. */
export function asking({ addresses, anchors, judge }: Device) {
  const ask = (asked: Omit<Asked, "anchors">, port = addresses.https): Promise<Answered> =>
    askCloud({ host: addresses.host, port }, { ...asked, anchors });
  const request = (operation: "simpleenroll" | "simplereenroll", csr: string, credentials?: Credentials) =>
    ask({
      method: "POST",
      path: est(operation),
      ...(credentials ? { credentials } : {}),
      body: { type: "application/pkcs10", text: csr, encoding: "base64" },
    });
  /** Whether it is answered with this status. */
  async function expectStatus(
    section: Section,
    what: string,
    status: number,
    answer: Promise<Answered>,
  ): Promise<boolean> {
    const came = await answer.then(
      (one) => `${one.status}`,
      (error: Error) => error.message,
    );
    return judge.judge(
      section,
      came === `${status}`,
      `It answers ${what} with ${status}.`,
      `It answers ${what} with ${came}, not with ${status}.`,
    );
  }
  return { ask, request, expectStatus };
}

/** A request that is signed well and asks for what it must not. */
async function wrongRequest(namedCurve: string, attributes: x509.Attribute[]): Promise<string> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
  const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };
  const name = [{ CN: ["a device"] }];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm, attributes });
  return request.toString("base64");
}

/** Undefined where it gets no certificate. */
export async function playEnrolment(device: Device): Promise<ClaimedDevice | undefined> {
  const { judge, factory, code } = device;
  const { ask, request, expectStatus } = asking(device);
  const key = await makeKey();
  const csr = await requestFor(key, "a device");

  const cacerts = await ask({ method: "GET", path: est("cacerts") });
  const authorities = cacerts.status === 200 ? certificatesIn(cacerts.text).map((pem) => new X509Certificate(pem)) : [];
  judge.judge(
    "certificate",
    authorities.length > 0 && authorities.every(({ ca }) => ca),
    "It says whom to trust (cacerts) to anyone who asks.",
    `It does not say whom to trust: cacerts is answered with ${cacerts.status} and ${authorities.length} certificates.`,
  );
  await expectStatus("certificate", "csrattrs", 200, ask({ method: "GET", path: est("csrattrs") }));
  await expectStatus("claim", "simpleenroll without a certificate", 401, request("simpleenroll", csr));
  const unclaimed = await request("simpleenroll", csr, factory);
  judge.judge(
    "claim",
    unclaimed.status === 202 && unclaimed.retryAfter !== undefined,
    "It answers an unclaimed device with 202 and Retry-After.",
    `It answers an unclaimed device with ${unclaimed.status}, and ${unclaimed.retryAfter === undefined ? "no" : "a"} Retry-After.`,
  );
  const password = new x509.ChallengePasswordAttribute("a binding that TLS 1.3 does not have");
  const [bound, otherCurve] = [await wrongRequest("P-256", [password]), await wrongRequest("P-384", [])];
  await expectStatus(
    "certificate",
    "a request with a challenge password",
    400,
    request("simpleenroll", bound, factory),
  );
  await expectStatus("certificate", "a request for a key on P-384", 400, request("simpleenroll", otherCurve, factory));
  await expectStatus("certificate", "what is no request", 400, request("simpleenroll", "AAAA", factory));
  await expectStatus(
    "online",
    "a factory certificate at /device/configuration",
    401,
    ask({ method: "GET", path: "/device/configuration", credentials: factory }),
  );

  device.ask("claim", `Claim the device in the portal by its code: ${code}`);
  const until = performance.now() + device.patience.person;
  let answer = await request("simpleenroll", csr, factory);
  while (answer.status === 202 && performance.now() < until) {
    // Again and again: a press counts for a short time, and who claims may still be on the way.
    const pressed = await ask({ method: "POST", path: "/device/presence", credentials: factory });
    if (
      !judge.judge(
        "claim",
        pressed.status === 204,
        "It takes note of a press.",
        `It answers a press with ${pressed.status}.`,
      )
    )
      return undefined;
    await pause(Math.min(1_000, (answer.retryAfter ?? 1) * 1_000));
    answer = await request("simpleenroll", csr, factory);
  }
  const [pem] = answer.status === 200 ? certificatesIn(answer.text) : [];
  if (pem === undefined) {
    judge.wrong(
      "claim",
      `It does not certify the device after the claim: simpleenroll is answered with ${answer.status}.`,
    );
    return undefined;
  }
  const own = { certificate: pem, key };
  const id = judgeCertificate(device, own, authorities);
  if (!id) return undefined;

  const again = await request("simpleenroll", csr, factory);
  judge.judge(
    "certificate",
    again.status === 200 && certificatesIn(again.text)[0] === pem,
    "It gives the same key the same certificate.",
    "It does not give the same key the same certificate: a device that loses its power while it enrols is lost.",
  );
  await expectStatus(
    "certificate",
    "a device's own certificate at simpleenroll",
    403,
    request("simpleenroll", csr, own),
  );

  const configuration = await ask({ method: "GET", path: "/device/configuration", credentials: own });
  judge.judge(
    "configuration",
    configuration.status === 200 && desiredMessage.safeParse(JSON.parse(configuration.text)).success,
    "It says over HTTPS what the device is to be.",
    `It does not say over HTTPS what the device is to be (${configuration.status}).`,
  );
  const report = { version: 0, configuration: {}, firmware: "conformance" };
  const body = { type: "application/json", text: JSON.stringify(report) };
  await expectStatus(
    "configuration",
    "a report over HTTPS",
    204,
    ask({ method: "POST", path: "/device/reported", credentials: own, body }),
  );
  return { ...device, deviceId: id, own, authorities };
}

/** @returns the device id, where the certificate names one */
function judgeCertificate(
  { judge }: Device,
  { certificate: pem, key }: Credentials,
  authorities: readonly X509Certificate[],
) {
  const certificate = new X509Certificate(pem);
  const id = deviceId.safeParse(/^CN=(.*)$/m.exec(certificate.subject)?.[1]);
  if (
    !judge.judge(
      "certificate",
      id.success,
      "Its certificate's common name is a device id.",
      `Its certificate's common name is no device id: ${certificate.subject}.`,
    )
  )
    return undefined;
  judge.judge(
    "certificate",
    certificate.subjectAltName === `URI:urn:uuid:${id.data}`,
    "The alternative name is that device's URI.",
    `The alternative name is ${certificate.subjectAltName ?? "missing"}.`,
  );
  judge.judge(
    "certificate",
    certificate.checkPrivateKey(createPrivateKey(key)),
    "It certifies the key that was asked for.",
    "It certifies another key than was asked for.",
  );
  judge.judge(
    "certificate",
    authorities.some((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey)),
    "An authority of cacerts has signed it.",
    "None of the authorities of cacerts has signed it.",
  );
  const days = (Date.parse(certificate.validTo) - Date.now()) / day;
  judge.judge(
    "certificate",
    days > 80 && days <= 90,
    "It is good for 90 days, less up to nine.",
    `It is good for ${days.toFixed(0)} days.`,
  );
  return id.data;
}

/** The next certificate. Undefined where there is none to be had. */
export async function playRenewal(device: ClaimedDevice): Promise<Credentials | undefined> {
  const { judge, own, factory, deviceId: id } = device;
  const { request, expectStatus } = asking(device);
  const key = await makeKey();
  const csr = await requestFor(key, id, own.certificate);
  await expectStatus(
    "renewal",
    "a factory certificate at simplereenroll",
    403,
    request("simplereenroll", csr, factory),
  );
  const other = await requestFor(key, "somebody else", own.certificate);
  await expectStatus("renewal", "a renewal under another subject", 400, request("simplereenroll", other, own));
  const answer = await request("simplereenroll", csr, own);
  const [pem] = answer.status === 200 ? certificatesIn(answer.text) : [];
  const before = new X509Certificate(own.certificate);
  const next = pem === undefined ? undefined : new X509Certificate(pem);
  judge.judge(
    "renewal",
    next?.subject === before.subject && next.subjectAltName === before.subjectAltName,
    "It renews a certificate under the same names.",
    `It does not renew the certificate under the same names (${answer.status}).`,
  );
  return pem === undefined ? undefined : { certificate: pem, key };
}

/** Once the new certificate has been used, the one before it is good for nothing. Listeners may take a minute to hear of it. */
export async function judgeOldCertificate(device: ClaimedDevice, before: Credentials): Promise<void> {
  const { request } = asking(device);
  const csr = await requestFor(await makeKey(), device.deviceId, before.certificate);
  const { status } = await request("simplereenroll", csr, before).catch(() => ({ status: 403 }));
  device.judge.judge(
    "renewal",
    status === 403,
    "The old certificate is good for nothing once the new one was used.",
    `The old certificate is still good once the new one was used: simplereenroll answers ${status}.`,
  );
}
