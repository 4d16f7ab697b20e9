/** A device under the kit: our own station fits, and one that is wrong is told what is wrong. */

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { hardwareRevision } from "#core/device/revision.ts";
import { newImage } from "../../station/firmware/image.ts";
import { temporaryFolder } from "../support/folder.ts";
import { takePorts } from "../support/ports.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { type JudgeDeviceOptions, judgeDevice } from "./cloud/judge-device.ts";
import { factoryName } from "./cloud/played.ts";
import { fitsAll, newJudge, placeOf } from "./findings.ts";
import { startWrongDevice, type WrongDevice } from "./wrong-device.ts";

/** A played cloud that nobody has connected to yet. */
async function cloud(patience: JudgeDeviceOptions["patience"], firmware?: JudgeDeviceOptions["firmware"]) {
  const folder = temporaryFolder("conformance");
  const [https = 0, mqtt = 0, sip = 0] = await takePorts(3);
  const addresses = { host: "localhost", address: "127.0.0.1", bind: "127.0.0.1", https, mqtt, sip, media: 58_000 };
  const judge = newJudge();
  const play = (ask: JudgeDeviceOptions["ask"]) => judgeDevice({ folder, addresses, judge, ask, patience, firmware });
  return { folder, addresses, judge, play };
}

test.concurrent("our own station fits in everything", async ({ expect, onTestFinished }) => {
  const image = join(temporaryFolder("image"), "image");
  writeFileSync(image, Buffer.concat([newImage("4.0.0"), randomBytes(9_000_000)]));
  const release = { image, model: "WS 301V CM", revision: hardwareRevision.parse("AD"), release: 2 };
  const { folder, addresses, judge, play } = await cloud({ device: 15_000, person: 40_000 }, release);
  const { https, mqtt, sip } = addresses;
  let station: ReferenceStation | undefined;
  onTestFinished(() => station?.stop());
  await play((what) => {
    if (what !== "switch-on") return station?.type("press");
    const settings = { DATA_DIR: folder, SIP_PORT: String(sip), DEVICE_HTTPS_PORT: String(https) };
    station = startReferenceStation(["listen", "--device", factoryName], { ...settings, MQTT_PORT: String(mqtt) });
  });
  expect(judge.findings.filter(({ verdict }) => verdict !== "fits")).toEqual([]);
  expect(judge.findings.length).toBeGreaterThan(45);
}, 120_000);

test.concurrent("a device that is wrong in many ways is told each of them, with its place in the document", async ({
  expect,
  onTestFinished,
}) => {
  const { folder, addresses, judge, play } = await cloud({ device: 2_500, person: 10_000 });
  let device: WrongDevice | undefined;
  onTestFinished(() => device?.end());
  await play((what) => {
    if (what !== "switch-on") return device?.press();
    const file = (ending: string) => readFileSync(join(folder, "pki", "factory", `${factoryName}.${ending}`), "utf8");
    device = startWrongDevice(addresses, { certificate: file("pem"), key: file("key") });
  });
  const wrong = judge.findings.filter(({ verdict }) => verdict === "wrong");
  const told = wrong.map((one) => `${placeOf(one.section)}: ${one.sentence}`);
  const faults = [
    "§1 Identity from the factory: It talks to any server at HTTPS: it must check",
    "§4 Claim and presence: It asks simpleenroll without a client certificate.",
    "§4 Claim and presence: It asks again ",
    "§6 Renewal: It asks to renew under other names than its certificate has",
    "§1 Identity from the factory: It talks to any server at MQTT: it must check",
    "§5 Certificate: It does not fetch cacerts",
    "§7 MQTT: It comes to MQTT without a client certificate.",
    "§7 MQTT: Its MQTT client id is not its device id.",
    "§7 MQTT: It does not say its states",
    "§8 Configuration: It goes back to an older version",
    "§11 Calls: It does not register over SIP.",
    '§9 Commands: It answers "done" to a command whose time (within) is over',
    '§9 Commands: It answers "done" to a command with a challenge that is not its connection\'s',
    '§9 Commands: It answers "done" to a command that was recorded in its last connection',
    "§6 Renewal: It does not renew its certificate when it is asked to.",
  ];
  expect(faults.filter((fault) => !told.some((one) => one.startsWith(fault)))).toEqual([]);
  expect(told).toHaveLength(faults.length);
  expect(fitsAll(judge.findings)).toBe(false);
}, 120_000);
