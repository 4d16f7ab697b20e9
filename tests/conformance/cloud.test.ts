/**
 * A cloud under the kit, as who runs one tries it: one that is wrong is told what is wrong. Our own is tried in
 * tests/devices/est.test.ts, on a whole platform.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { authorityIn } from "#media-nodes/pki/folder.ts";
import { startConformanceKit } from "../support/conformance-kit.ts";
import { temporaryFolder } from "../support/folder.ts";
import { takePorts } from "../support/ports.ts";
import { startWrongCloud } from "./wrong-cloud.ts";

const faults = [
  "It answers csrattrs with 404, not with 200.  (docs/device.md §5 Certificate)",
  "It answers simpleenroll without a certificate with 200, not with 401.  (docs/device.md §4 Claim and presence)",
  "It answers an unclaimed device with 200, and no Retry-After.  (docs/device.md §4 Claim and presence)",
  "It answers a request with a challenge password with 200, not with 400.  (docs/device.md §5 Certificate)",
  "It answers a request for a key on P-384 with 200, not with 400.  (docs/device.md §5 Certificate)",
  "It answers what is no request with 500, not with 400.  (docs/device.md §5 Certificate)",
  "It answers a factory certificate at /device/configuration with 200, not with 401.  (docs/device.md §3 Coming online)",
  "None of the authorities of cacerts has signed it.  (docs/device.md §5 Certificate)",
  "It is good for 730 days.  (docs/device.md §5 Certificate)",
  "It does not give the same key the same certificate: a device that loses its power while it enrols is lost.  (docs/device.md §5 Certificate)",
  "It answers a device's own certificate at simpleenroll with 200, not with 403.  (docs/device.md §5 Certificate)",
  "It answers a report over HTTPS with 200, not with 204.  (docs/device.md §8 Configuration)",
  "Its certificate names no revocation list: nobody else can know when it is revoked.  (docs/device.md §13 Revoked, released)",
  "It does not refuse who shows no certificate as it should: it lets it in.  (docs/device.md §7 MQTT)",
  "It does not refuse a factory certificate as it should: it lets it in.  (docs/device.md §7 MQTT)",
  "It does not refuse another client id than the certificate's as it should: it lets it in.  (docs/device.md §7 MQTT)",
  "It does not refuse a session that lasts as it should: it lets it in.  (docs/device.md §7 MQTT)",
  "It does not refuse a connection without keep-alive as it should: it lets it in.  (docs/device.md §7 MQTT)",
  "It lets a device subscribe to another's topics.  (docs/device.md §7 MQTT)",
  "It says a command that is not in the protocol: challenge, within.  (docs/device.md §9 Commands)",
  "It says no session on the next connection, or with the challenge of the one before.  (docs/device.md §7 MQTT)",
  "It does not say again what the device is to be, when that comes back without it: who was away would stay behind.  (docs/device.md §8 Configuration)",
  "It does not end a connection over which a message on another device's topic comes.  (docs/device.md §7 MQTT)",
  "It does not end a connection over which a message that is not in the protocol comes.  (docs/device.md §7 MQTT)",
  "It does not end a connection over which a retained message comes.  (docs/device.md §7 MQTT)",
  "It answers a log that nobody asked for with 204, not with 409.  (docs/device.md §14 Logs)",
  "It answers lines under a factory certificate with 200, not with 401.  (docs/device.md §14 Logs)",
  "It lets in by a factory certificate on the port for logs, and answers 200.  (docs/device.md §3 Coming online)",
  'It answers two lines of a log, one of which is none, with 200 and "{}".  (docs/device.md §14 Logs)',
  "It answers who asks for metadata without a certificate with 200, not with 401.  (docs/device.md §10 Firmware)",
  "Its metadata is refused by a TUF client: Final timestamp.json is expired.  (docs/device.md §10 Firmware)",
  "It answers a Range of 16 octets of an image with 200 and more of them: a device could not go on inside a packet.  (docs/device.md §10 Firmware)",
  "It lets in over SIP by a factory certificate.  (docs/device.md §11 Calls)",
  "It answers a registration as another with 200.  (docs/device.md §11 Calls)",
  "It answers a registration for 5 s with 200.  (docs/device.md §11 Calls)",
  "It does not answer by RFC 5626: Flow-Timer or Require: outbound is missing.  (docs/device.md §11 Calls)",
  "It does not say 180 to a press.  (docs/device.md §11 Calls)",
  "It does not take sound and picture before somebody has answered: no 183 with an answer that fits.  (docs/device.md §11 Calls)",
  "It answers an UPDATE to a session of 30 s with 200, and not with 422 and Min-SE (RFC 4028 §6).  (docs/device.md §11 Calls)",
  "It answers a factory certificate at simplereenroll with 200, not with 403.  (docs/device.md §6 Renewal)",
  "It answers a renewal under another subject with 200, not with 400.  (docs/device.md §6 Renewal)",
  "It does not renew the certificate under the same names (200).  (docs/device.md §6 Renewal)",
  "The old certificate is still good once the new one was used: simplereenroll answers 200.  (docs/device.md §6 Renewal)",
  "The time that it says is -60 minutes away from this machine's.  (docs/device.md §12 Time)",
];

test.concurrent("a cloud that is wrong in many ways is told each of them, with its place in the document", async ({
  onTestFinished,
}) => {
  const folder = temporaryFolder("wrong-cloud");
  const image = join(folder, "image");
  writeFileSync(image, "an image");
  const [https = 0, mqtt = 0, sip = 0, logs = 0, ntp = 0] = await takePorts(5);
  onTestFinished(await startWrongCloud(folder, { host: "localhost", https, mqtt, sip, logs, ntp }, image));
  const ports = Object.entries({ https, mqtt, sip, log: logs, ntp }).flatMap(([name, port]) => [
    `--${name}-port`,
    String(port),
  ]);
  const kit = startConformanceKit("device", "--folder", folder, "--patience", "1.5", ...ports);
  onTestFinished(kit.stop);

  // Who does not know its authority says nothing more to it.
  const stranger = temporaryFolder("stranger");
  for (const name of ["server-ca", "maker-ca"] as const) await authorityIn(join(stranger, "pki"), name);
  const warned = await startConformanceKit("device", "--folder", stranger, ...ports).ended;
  expect(warned.errors).toMatch(/^Who answers there is not the cloud that pki\/server-ca.pem vouches for \(.+\n$/);
  expect(warned).toMatchObject({ code: 2, lines: [] });

  const { code, lines, errors } = await kit.ended;
  expect(errors).toBe("");
  expect(lines.filter((line) => line.startsWith("✗ ")).map((line) => line.slice(2))).toEqual(faults);
  expect(lines.at(-1)).toMatch(new RegExp(`^\\d+ fit, ${faults.length} wrong, 0 not seen\\.$`));
  expect(code).toBe(1);
}, 60_000);

test.concurrent("what can't be run is a sentence", async () => {
  const { code, lines, errors } = await startConformanceKit("broker").ended;
  expect([code, lines, errors]).toEqual([2, [], '"broker" can\'t be played: cloud or device.\n']);
});
