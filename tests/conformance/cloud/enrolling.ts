/** The HTTPS side of the played cloud: the platform's own front for devices, and behind it enrolment and configuration for one device. */
import "reflect-metadata";
import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/x509";
import { largestUpload } from "#core/device/log.ts";
import { up } from "#core/messages/device.ts";
import { makeDeviceFront } from "#media-nodes/device-front/front.ts";
import { certifyDevice } from "#media-nodes/pki/issue.ts";
import { serialOf } from "#media-nodes/tls/device-tls.ts";
import { readCertification, sameNames } from "../../../workers/claiming/certification-request.ts";
import { certsOnlyAnswer } from "../../../workers/claiming/certs-only.ts";
import { answerCsrAttributes } from "../../../workers/claiming/csr-attributes.ts";
import { problem } from "../../../workers/http/problem.ts";
import type { Section } from "../findings.ts";
import type { Admission } from "./admission.ts";
import type { PlayedFirmware } from "./firmware.ts";
import { type PlayedLogs, playLogs } from "./logs.ts";
import type { Played } from "./played.ts";

type Who =
  | { kind: "nobody" | "stranger" }
  | { kind: "factory"; serial: string }
  | { kind: "own"; certificate: X509Certificate };

/** Seconds. */
const askAgain = 1;
/** What clocks and timers may differ by. Milliseconds. */
const tolerance = 150;

const empty = () => new Response(null, { status: 204 });

/** Listens. @returns what ends it */
export async function playHttps(
  played: Played,
  admission: Admission,
  firmware: PlayedFirmware | undefined,
): Promise<() => Promise<void>> {
  const { addresses, authorities, judge } = played;
  const { answer, whoShows } = enrolling(played, playLogs(played));
  const behind = createServer(async (request, response) => {
    const name = /^\/firmware\/(.+)$/.exec(request.url ?? "")?.[1];
    if (firmware && name !== undefined) {
      const isOwn = whoShows(request.headers["client-cert"]).kind === "own";
      if (isOwn || !name.startsWith("metadata/")) return firmware.answer(name, request, response);
      judge.wrong("firmware", "It asks for metadata without its own certificate.");
    }
    const answered = await answer(request).catch(() => problem(400, "invalid", "The request broke off."));
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(Buffer.from(await answered.arrayBuffer()));
  });
  behind.listen(0, "127.0.0.1");
  await once(behind, "listening");
  const fronts = await Promise.all([open("everything", addresses.https), open("logs", addresses.logs)]);
  return async () => {
    for (const server of [...fronts, behind]) {
      server.close();
      server.closeAllConnections();
    }
  };

  async function open(carries: "everything" | "logs", port: number) {
    const front = makeDeviceFront({
      carries,
      origin: new URL(`https://${addresses.host}:${port}`).origin,
      edgePort: portOf(behind.address()),
      token: randomBytes(16).toString("hex"),
      certificate: played.certificate,
      key: played.key,
      deviceAuthority: [authorities.issuing.certificate, authorities.root],
      admission,
      images: { answer: async () => false },
      log: { warn: () => undefined },
    });
    front.listen(port, addresses.bind);
    await once(front, "listening");
    return front;
  }
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === "object" && address ? address.port : 0;

const mediaTypeOf = (request: IncomingMessage): string | undefined =>
  request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();

async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size <= largestUpload) parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function enrolling(played: Played, logs: PlayedLogs) {
  const { judge, seen, state, authorities, deviceId } = played;
  /** Certificates by the key they are for: the same key gets the same one. */
  const certified = new Map<string, X509Certificate>();
  /** When an unclaimed device may ask again. */
  let notBefore = 0;

  function whoShows(header: string | string[] | undefined): Who {
    const encoded = /^:([A-Za-z0-9+/=]+):$/.exec(String(header ?? ""))?.[1];
    if (encoded === undefined) return { kind: "nobody" };
    const certificate = new X509Certificate(Buffer.from(encoded, "base64"));
    if (isBy(certificate, new X509Certificate(authorities.issuing.certificate))) return { kind: "own", certificate };
    if (!authorities.makers.some((maker) => isBy(certificate, maker))) return { kind: "stranger" };
    const serial = /^(?:serialNumber|2\.5\.4\.5)=(.+)$/m.exec(certificate.subject)?.[1];
    if (serial !== undefined) return { kind: "factory", serial };
    judge.wrong("identity", "Its factory certificate has no serialNumber in its subject.");
    return { kind: "stranger" };
  }

  /** What is to be said against who came, where another certificate is asked for. */
  function unfit(who: Who, section: Section, path: string, wanted: "factory" | "own"): Response | undefined {
    if (who.kind === wanted) return undefined;
    const shown = {
      nobody: "without a client certificate",
      stranger: "with a certificate that neither its maker's authority nor ours has issued",
      factory: "with its factory certificate, which is for its enrolment alone",
      own: "with its own certificate, where its factory certificate is asked for",
    }[who.kind];
    judge.wrong(section, `It asks ${path} ${shown}.`);
    return problem(401, "no-certificate", "Show another certificate.");
  }

  async function certification(request: IncomingMessage, body: Uint8Array<ArrayBuffer>, section: Section) {
    const type = mediaTypeOf(request);
    if (type !== "application/pkcs10") {
      judge.wrong(section, `It sends its certification request as ${type ?? "nothing"}, not as application/pkcs10.`);
      return problem(415, "not-pkcs10", "A certification request is sent as application/pkcs10.");
    }
    const read = await readCertification(body);
    if (read.ok) return read.request;
    judge.wrong(section, `Its certification request is refused: ${read.detail}`);
    return problem(400, read.code, read.detail);
  }

  async function certify(request: x509.Pkcs10CertificateRequest, how: "enrolled" | "renewed"): Promise<Response> {
    const key = request.publicKey.toString("base64");
    let certificate = certified.get(key);
    if (!certificate) {
      const pem = x509.PemConverter.encode(request.rawData, "CERTIFICATE REQUEST");
      certificate = new X509Certificate(await certifyDevice(authorities.issuing, deviceId, pem));
      certified.set(key, certificate);
    } else if (how === "renewed") judge.notSeen("renewal", "It renews with the key it had; a new one is better.");
    const serial = serialOf(certificate);
    if (!state.good.includes(serial)) state.good.push(serial);
    seen.tell({ what: "certified", how, serial });
    return certsOnlyAnswer([new x509.X509Certificate(certificate.raw)]);
  }

  function unclaimed(): Response {
    if (notBefore - performance.now() > tolerance)
      judge.wrong("claim", `It asks again before the ${askAgain} s of Retry-After are over.`);
    else if (notBefore > 0) judge.fits("claim", "It waits as long as Retry-After says and asks again.");
    notBefore = performance.now() + askAgain * 1000;
    seen.tell({ what: "unclaimed" });
    return problem(202, "unclaimed", "This device was not claimed yet.", { "retry-after": String(askAgain) });
  }

  async function enrol(request: IncomingMessage, body: Uint8Array<ArrayBuffer>, who: Who): Promise<Response> {
    const refused = unfit(who, who.kind === "own" ? "certificate" : "claim", "simpleenroll", "factory");
    if (refused) return refused;
    if (state.revoked) {
      seen.tell({ what: "turned-away" });
      return problem(403, "device-revoked", "This device was revoked by its owner.");
    }
    judge.fits("identity", "It shows a factory certificate by its maker, with its serial number.");
    const asked = await certification(request, body, "certificate");
    if (asked instanceof Response) return asked;
    return state.claimed ? certify(asked, "enrolled") : unclaimed();
  }

  async function reEnrol(request: IncomingMessage, body: Uint8Array<ArrayBuffer>, who: Who): Promise<Response> {
    const refused = unfit(who, "renewal", "simplereenroll", "own");
    if (refused || who.kind !== "own") return refused ?? problem(401, "no-certificate", "Show a certificate.");
    const asked = await certification(request, body, "renewal");
    if (asked instanceof Response) return asked;
    const before = new x509.X509Certificate(who.certificate.raw);
    if (sameNames(asked, before)) return certify(asked, "renewed");
    judge.wrong(
      "renewal",
      `It asks to renew under other names than its certificate has: subject "${asked.subject}" where "${before.subject}" stands, or another alternative name.`,
    );
    return problem(400, "changed-subject", "Renewing keeps subject and alternative names as they are.");
  }

  async function answer(request: IncomingMessage): Promise<Response> {
    const { pathname: path } = new URL(request.url ?? "/", "https://cloud");
    const who = whoShows(request.headers["client-cert"]);
    const asked = `${request.method} ${path}`;
    // It is answered when its device has nothing more to say.
    if (asked === "POST /device/log")
      return unfit(who, "logs", path, "own") ?? logs.stream(mediaTypeOf(request), request);
    const body = await bodyOf(request);
    const uploaded = /^PUT \/device\/logs\/([^/]+)$/.exec(asked)?.[1];
    if (uploaded !== undefined)
      return unfit(who, "logs", "/device/logs", "own") ?? logs.upload(uploaded, mediaTypeOf(request), body);
    switch (asked) {
      case "GET /.well-known/est/cacerts": {
        seen.tell({ what: "learnt-anchors" });
        const all = [authorities.issuing.certificate, authorities.root, authorities.servers];
        return certsOnlyAnswer(all.map((pem) => new x509.X509Certificate(pem)));
      }
      case "GET /.well-known/est/csrattrs":
        return answerCsrAttributes();
      case "POST /.well-known/est/simpleenroll":
        return enrol(request, body, who);
      case "POST /.well-known/est/simplereenroll":
        return reEnrol(request, body, who);
      case "POST /device/presence": {
        const refused = unfit(who, "claim", "/device/presence", "factory");
        if (refused) return refused;
        notBefore = 0;
        state.claimed = true;
        seen.tell({ what: "present" });
        return empty();
      }
      case "GET /device/configuration": {
        const refused = unfit(who, "online", "/device/configuration", "own");
        return refused ?? Response.json({ ...state.desired, cameraCredentials: {} });
      }
      case "POST /device/reported": {
        const refused = unfit(who, "online", "/device/reported", "own");
        if (refused) return refused;
        const report = up.reported.safeParse(readJson(body));
        if (report.success) seen.tell({ what: "reported-over-https", report: report.data });
        else judge.wrong("configuration", `Its report over HTTPS is not in the protocol: ${why(report.error)}`);
        return report.success ? empty() : problem(400, "invalid", "The report is not in the protocol.");
      }
      default:
        return problem(404, "not-found", "There is nothing at this address.");
    }
  }

  return { answer, whoShows };
}

const isBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

const why = (error: { issues: { path: PropertyKey[]; message: string }[] }): string =>
  error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
