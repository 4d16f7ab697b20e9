/**
 * A running station whose time server lies to it over the network: it would be moved beyond its certificate's end. What the cloud
 * says is heard over TLS through the devices' front, with certificates as the platform makes them; a plain server is the edge.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import http from "node:http";
import type { Server } from "node:https";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { answerTo } from "#core/messages/ntp.ts";
import { makeDeviceFront } from "#media-nodes/device-front/front.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { authorityIn, deviceFiles, factoryCertificateIn, save } from "#media-nodes/pki/folder.ts";
import {
  type Certified,
  issueDeviceCertificate,
  issueServerCertificate,
  makeAuthority,
  validFor,
} from "#media-nodes/pki/issue.ts";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { takePorts } from "../../tests/support/ports.ts";
import { type ReferenceStation, startReferenceStation } from "../../tests/support/reference-station.ts";
import { openClock } from "./clock.ts";

const device = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001";
const day = 86_400_000;
/** How far the time server would move it: its certificate lasts 90 days. */
const far = 100 * day;

let data: string;
let authority: Certified;
let front: Server | undefined;
let station: ReferenceStation | undefined;
/** By how much the cloud's clock is off, and what it was asked for. */
let cloudOff: number;
let asked: string[];

const edge = http.createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.setHeader("date", new Date(Date.now() + cloudOff).toUTCString());
  response.writeHead(request.url === "/.well-known/est/cacerts" ? 200 : 403).end();
});
const timeServer = createSocket("udp4").on("message", (question, { address, port }) => {
  const lie = () => Date.now() + far;
  const clock = { stratum: 4, reference: Buffer.from([127, 0, 0, 1]), dispersion: 0.05 };
  const answer = answerTo(question, clock, lie(), lie);
  if (answer) timeServer.send(answer, port, address);
});

beforeAll(async () => {
  await once(edge.listen(0, "127.0.0.1"), "listening");
  await once(timeServer.bind(0, "127.0.0.1"), "listening");
});
beforeEach(async () => {
  data = temporaryFolder("witnessed");
  [cloudOff, asked] = [0, []];
  const pki = join(data, "pki");
  await factoryCertificateIn(pki, device, { serial: "S-1", model: "WS 301V CM" });
  authority = await authorityIn(pki, "server-ca");
  const { issuing } = await deviceAuthorityIn(pki);
  mkdirSync(join(pki, "devices"));
  save(deviceFiles(pki, device), await issueDeviceCertificate(issuing, device, validFor(90)));
});
afterEach(stop);
afterAll(() => {
  edge.close();
  timeServer.close();
});

async function stop(): Promise<void> {
  await station?.stop();
  front?.close();
  front?.closeAllConnections();
}

/** Starts the station at a cloud that shows this certificate. */
async function startStation(shown: Certified): Promise<ReferenceStation> {
  const [port = 0, nobody = 0] = await takePorts(2);
  const address = edge.address();
  front = makeDeviceFront({
    origin: `https://localhost:${port}`,
    carries: "everything",
    edgePort: typeof address === "object" ? (address?.port ?? 0) : 0,
    token: "the node's",
    ...shown,
    deviceAuthority: (await deviceAuthorityIn(join(data, "pki"))).issuing.certificate,
    admission: { admit: async () => true, hold: () => () => undefined },
    images: { answer: async () => false },
    log: pino({ level: "silent" }),
  });
  await once(front.listen(port, "localhost"), "listening");
  station = startReferenceStation(["listen", "--device", device], {
    DATA_DIR: data,
    DEVICE_HTTPS_PORT: String(port),
    NTP_PORT: String(timeServer.address().port),
    ...{ SIP_PORT: String(nobody), MQTT_PORT: String(nobody), LOG_PORT: String(nobody) },
  });
  return station;
}
const issued = (validity = validFor(365), by = authority) => issueServerCertificate(by, ["localhost"], validity);
const logged = () => readFileSync(join(data, "stations", device, "log.ndjson"), "utf8");
const enrolment = "POST /.well-known/est/simpleenroll";

test.each([
  ["while the cloud says otherwise", 0, () => issued()],
  [
    "by a certificate of ours that begins only then",
    far,
    () => issued({ from: new Date(Date.now() + far - day), until: new Date(Date.now() + far + day) }),
  ],
  ["by a stranger's", far, async () => issued(undefined, await makeAuthority("Somebody's"))],
])(
  "it is not moved beyond its certificate's end %s, and keeps in its log what it did not believe",
  async (_case, off, shown) => {
    cloudOff = off;
    const { told } = await startStation(await shown());
    const { why, offered } = await told("time-refused");
    expect(why).toBe("not-witnessed");
    expect(Math.abs(offered - Date.now() - far)).toBeLessThan(10_000);
    expect(logged()).toContain(`The time server says ${new Date(offered).toISOString()}, which is not believed`);
    // As it is known after a start, too.
    expect(Math.abs(openClock(join(data, "stations", device, "clock.json")).now() - Date.now())).toBeLessThan(10_000);
  },
);

test("it follows where the cloud says the same, and finds its certificate ended", async () => {
  cloudOff = far;
  const { told } = await startStation(await issued());
  const { off } = await told("time");
  expect(Math.abs(off - far)).toBeLessThan(10_000);
  await stop();
  await (await startStation(await issued())).told("refused");
  expect(asked).toContain(enrolment);
});
