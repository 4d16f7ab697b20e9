/** A cloud that lets in whoever comes, and does much wrong that a device relies on: for the kit to find. */
import "reflect-metadata";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttps } from "node:https";
import { text } from "node:stream/consumers";
import { createServer as createTls, type TLSSocket } from "node:tls";
import * as x509 from "@peculiar/x509";
import { Aedes, type Client } from "aedes";
import { hardwareRevision } from "#core/device/revision.ts";
import { startNtp } from "#media-nodes/ntp/server.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { authorityIn } from "#media-nodes/pki/folder.ts";
import { certifyDevice, issueServerCertificate, makeAuthority } from "#media-nodes/pki/issue.ts";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import { createFlow } from "#media-nodes/sip-gateway/sip/flow.ts";
import type { SipRequest } from "#media-nodes/sip-gateway/sip/message.ts";
import { writeResponse } from "#media-nodes/sip-gateway/sip/serialise.ts";
import { certsOnlyAnswer } from "../../workers/claiming/certs-only.ts";
import { playFirmware } from "./cloud/firmware.ts";
import type { CloudAddresses } from "./device/judge-cloud.ts";

const day = 86_400_000;
const host = "127.0.0.1";

/** @param folder where its authorities are kept, as the platform keeps them; @param image any file @returns what ends it */
export async function startWrongCloud(folder: string, at: CloudAddresses, image: string): Promise<() => void> {
  const pki = `${folder}/pki`;
  await authorityIn(pki, "maker-ca");
  const { root } = await deviceAuthorityIn(pki);
  const { certificate: cert, key } = await issueServerCertificate(await authorityIn(pki, "server-ca"), ["localhost"]);
  const anybody = { cert, key, requestCert: true, rejectUnauthorized: false };
  /** Not one that it tells devices of. */
  const other = await makeAuthority("Another authority");
  const deviceId = randomUUID();
  const hardware = { model: "WS 301V CM", revision: hardwareRevision.parse("AD") };
  const firmware = await playFirmware(folder, { image, ...hardware, release: 2 }, Date.now() - 10 * day);
  await firmware.offer();

  async function certified(id: string, request: string): Promise<Response> {
    const csr = x509.PemConverter.encode(Buffer.from(request, "base64"), "CERTIFICATE REQUEST");
    return certsOnlyAnswer([new x509.X509Certificate(await certifyDevice(other, id, csr))]);
  }

  async function answer(path: string, body: string): Promise<Response> {
    switch (path) {
      case "/maker/identities":
        return Response.json({ deviceId });
      case "/.well-known/est/cacerts":
        return certsOnlyAnswer([new x509.X509Certificate(root)]);
      case "/.well-known/est/simpleenroll":
        return certified(deviceId, body);
      case "/.well-known/est/simplereenroll":
        return certified(randomUUID(), body);
      case "/device/configuration":
        return Response.json(desired);
      case "/device/reported":
      case "/device/log":
        return Response.json({});
      default:
        return new Response(null, { status: path.startsWith("/device/logs/") ? 204 : 404 });
    }
  }

  const https = createHttps(anybody, async (request, response) => {
    const path = request.url ?? "/";
    // All of it, whatever range was asked for.
    if (path.startsWith("/firmware/images/")) return response.end(randomBytes(1_000));
    if (path.startsWith("/firmware/")) return firmware.answer(path.slice("/firmware/".length), request, response);
    const answered = await answer(path, await text(request)).catch(() => new Response(null, { status: 500 }));
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(Buffer.from(await answered.arrayBuffer()));
  });
  const logs = createHttps(anybody, (_request, response) => response.end("{}"));
  const broker = await startBroker();
  const mqtt = createTls(anybody, (socket) => void broker.handle(socket));
  const sip = createTls(anybody, answerCalls);
  const ports = [
    [https, at.https],
    [logs, at.logs],
    [mqtt, at.mqtt],
    [sip, at.sip],
  ] as const;
  for (const [server, port] of ports) await once(server.listen(port, host), "listening");
  const clock = { stratum: 2, reference: Buffer.from("LATE"), dispersion: 0.05 };
  const ntp = await startNtp({ host, port: at.ntp, clock, now: () => Date.now() - 3_600_000 });
  return () => {
    for (const [server] of ports) server.close();
    for (const server of [https, logs]) server.closeAllConnections();
    broker.close();
    ntp.close();
  };
}

const desired = {
  version: 1,
  configuration: {
    name: "Wrong",
    timeZone: "Europe/Vienna",
    buttons: [{ key: "reception", label: "Reception" }],
    doorOpeners: [],
    outputRules: [],
    cameras: [],
  },
};

/** The same challenge for everybody; what a device is to be once and never again; a command that holds for ever. */
async function startBroker(): Promise<Aedes> {
  const broker = await Aedes.createBroker();
  const session = { challenge: randomUUID(), now: Date.now() };
  const command = { commandId: randomUUID(), command: { do: "identify" } };
  const say = (client: Client | null, topic: string, body: object) => {
    const packet = { cmd: "publish", topic, payload: JSON.stringify(body), qos: 0, retain: false, dup: false } as const;
    client?.publish(packet, () => undefined);
  };
  broker.on("subscribe", (all, client) => {
    for (const { topic } of all) say(client, topic.replace("#", "session"), session);
  });
  let told = false;
  broker.on("publish", ({ topic }, client) => {
    if (!topic.endsWith("/up/reported") || told) return;
    told = true;
    say(client, topic.replace("up/reported", "down/desired"), desired);
    say(client, topic.replace("up/reported", "down/command"), command);
  });
  return broker;
}

/** Says yes to everything but a call, which it takes without a word of sound and picture. */
function answerCalls(socket: TLSSocket): void {
  const flow = createFlow(socket, { clock: systemClock });
  let invite: SipRequest | undefined;
  const respond = (request: SipRequest, status: number) =>
    flow.send(writeResponse(request, { status, tag: "wrong", headers: [["contact", "<sip:wrong@localhost>"]] }));
  flow.onMessage((message) => {
    if (message.kind !== "request" || message.method === "ACK") return;
    if (message.method === "INVITE") {
      invite = message;
      return respond(message, 183);
    }
    respond(message, 200);
    if (message.method === "CANCEL" && invite) respond(invite, 487);
  });
}
