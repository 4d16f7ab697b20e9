/** A device under the kit, as its maker tries it: our own station fits, and one that is wrong is told what is wrong. */

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { newImage } from "../../station/firmware/image.ts";
import { type ConformanceKit, startConformanceKit } from "../support/conformance-kit.ts";
import { temporaryFolder } from "../support/folder.ts";
import { takePorts } from "../support/ports.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { factoryName } from "./cloud/played.ts";
import { startWrongDevice, type WrongDevice } from "./wrong-device.ts";

/** The kit plays a cloud that nobody has connected to yet. */
async function cloud(...options: string[]) {
  const folder = temporaryFolder("conformance");
  const [https = 0, mqtt = 0, sip = 0, logs = 0, ntp = 0] = await takePorts(5);
  const ports = Object.entries({ https, mqtt, sip, log: logs, ntp }).flatMap(([name, port]) => [
    `--${name}-port`,
    String(port),
  ]);
  const kit = startConformanceKit("cloud", "--folder", folder, ...ports, ...options);
  return { folder, kit, https, mqtt, sip, logs, ntp };
}

/** Does what the kit asks a person for. */
function obey(kit: ConformanceKit, does: { switchOn(): void; press(): void }): void {
  kit.onLine((line) => {
    if (line.startsWith("→ Switch the device on")) does.switchOn();
    else if (line.startsWith("→ Press")) does.press();
  });
}

/** What it found, by its sign. */
const found = (lines: readonly string[], sign: string) =>
  lines.filter((line) => line.startsWith(`${sign} `)).map((line) => line.slice(2));

test.concurrent("our own station fits in everything", async ({ expect, onTestFinished }) => {
  const image = join(temporaryFolder("image"), "image");
  writeFileSync(image, Buffer.concat([newImage("4.0.0"), randomBytes(9_000_000)]));
  const { folder, kit, ...at } = await cloud("--patience", "15", "--image", image);
  let station: ReferenceStation | undefined;
  onTestFinished(async () => {
    kit.stop();
    await station?.stop();
  });
  obey(kit, {
    switchOn() {
      station = startReferenceStation(["listen", "--device", factoryName], {
        DATA_DIR: folder,
        SIP_PORT: String(at.sip),
        DEVICE_HTTPS_PORT: String(at.https),
        MQTT_PORT: String(at.mqtt),
        LOG_PORT: String(at.logs),
        NTP_PORT: String(at.ntp),
      });
    },
    press: () => station?.type("press"),
  });
  const { code, lines, errors } = await kit.ended;
  expect([errors, found(lines, "✗"), found(lines, "·")]).toEqual(["", [], []]);
  expect(found(lines, "✓").length).toBeGreaterThan(55);
  expect(lines.at(-1)).toMatch(/^\d+ fit, 0 wrong, 0 not seen\.$/);
  expect(code).toBe(0);
}, 120_000);

test.concurrent("a device that is wrong in many ways is told each of them, with its place in the document", async ({
  expect,
  onTestFinished,
}) => {
  const { folder, kit, https, mqtt } = await cloud("--patience", "2");
  let device: WrongDevice | undefined;
  onTestFinished(() => {
    kit.stop();
    device?.end();
  });
  obey(kit, {
    switchOn() {
      const file = (ending: string) => readFileSync(join(folder, "pki", "factory", `${factoryName}.${ending}`), "utf8");
      device = startWrongDevice({ https, mqtt }, { certificate: file("pem"), key: file("key") });
    },
    press: () => device?.press(),
  });
  kit.onLine((line) => {
    const [, at] = /itself answers at (HTTPS|MQTT)/.exec(line) ?? [];
    if (at === "HTTPS" || at === "MQTT") device?.listens(at);
  });
  const { code, lines } = await kit.ended;
  const faults = [
    "It talks to any server at HTTPS: it must check the certificate against its trust anchor.  (docs/device.md §1 Identity from the factory)",
    "It asks simpleenroll without a client certificate.  (docs/device.md §4 Claim and presence)",
    "It asks again before the 1 s of Retry-After are over.  (docs/device.md §4 Claim and presence)",
    "It asks to renew under other names than its certificate has",
    "It talks to any server at MQTT: it must check the certificate against its trust anchor.  (docs/device.md §1 Identity from the factory)",
    "It does not fetch cacerts: when an authority changes, it is lost.  (docs/device.md §5 Certificate)",
    "It comes to MQTT without a client certificate.  (docs/device.md §7 MQTT)",
    "Its MQTT client id is not its device id.  (docs/device.md §7 MQTT)",
    "It does not say its states (up/states) after it has connected.  (docs/device.md §7 MQTT)",
    "It goes back to an older version that arrives late.  (docs/device.md §8 Configuration)",
    "It does not register over SIP.  (docs/device.md §11 Calls)",
    'It answers "done" to a command whose time (within) is over',
    'It answers "done" to a command with a challenge that is not its connection\'s',
    'It answers "done" to a command that was recorded in its last connection',
    "It does not renew its certificate when it is asked to.  (docs/device.md §6 Renewal)",
    'It answers "done" to upload-log, and no log came.  (docs/device.md §14 Logs)',
  ];
  const told = found(lines, "✗");
  expect(faults.filter((fault) => !told.some((one) => one.startsWith(fault)))).toEqual([]);
  expect(told).toHaveLength(faults.length);
  expect(lines.at(-1)).toMatch(new RegExp(`^\\d+ fit, ${faults.length} wrong, `));
  expect(code).toBe(1);
}, 120_000);
