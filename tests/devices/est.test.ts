/** A device that is GlobalSign's EST client, and certificates that are judged by OpenSSL: neither is of our writing. */
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { claimProgress } from "#core/messages/claiming.ts";
import { startConformanceKit } from "../support/conformance-kit.ts";
import { buildEstClient, type EstClient } from "../support/estclient.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type PortalApi, portalApi } from "../support/portal-api.ts";
import { startReferenceStation } from "../support/reference-station.ts";

let platform: Platform;
let mara: PortalApi;
let estclient: EstClient;
const folder = temporaryFolder("est");
const file = (name: string) => join(folder, name);
const pki = (name: string) => join(platform.dataDir, "pki", name);

beforeAll(async () => {
  estclient = buildEstClient();
  platform = await startPlatform();
  mara = await portalApi(platform.origin, platform.accounts.mara);
});
afterAll(() => platform?.stop());

function openssl(...args: string[]): string {
  try {
    return execFileSync("openssl", args, { stdio: "pipe" }).toString();
  } catch (error) {
    return error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  }
}

/** The certificate is by our issuing authority, which is by our root. */
const verified = (certificate: string) =>
  openssl("verify", "-x509_strict", "-CAfile", pki("root-ca.pem"), "-untrusted", pki("device-ca.pem"), certificate);
const subjectOf = (certificate: string) => openssl("x509", "-in", certificate, "-noout", "-subject").trim();
const serialOf = (certificate: string) => openssl("x509", "-in", certificate, "-noout", "-serial").trim();

function est(command: string, as: { certificate: string; key: string }, ...more: string[]) {
  const server = `localhost:${platform.ports.DEVICE_HTTPS_PORT}`;
  const anchor = pki("server-ca.pem");
  return estclient(command, "-server", server, "-explicit", anchor, "-certs", as.certificate, "-key", as.key, ...more);
}

/** Whether a port leaves who shows this certificate, and says nothing, the connection for a second. */
async function staysOpen(port: number | undefined, certificate: string, key: string): Promise<boolean> {
  const files = { cert: readFileSync(certificate), key: readFileSync(key), ca: readFileSync(pki("server-ca.pem")) };
  const socket = connect({ host: "localhost", port: port ?? 0, ...files });
  socket.on("error", () => undefined);
  socket.setTimeout(1_000);
  const open = await Promise.race([once(socket, "timeout").then(() => true), once(socket, "close").then(() => false)]);
  socket.destroy();
  return open;
}

/** A key, and a request for it with this name. */
async function request(name: string, commonName: string, ...more: string[]) {
  const key = file(`${name}.key`);
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key);
  const csr = file(`${name}.csr`);
  const made = await estclient("csr", "-key", key, "-cn", commonName, "-out", csr, ...more);
  expect(made).toMatchObject({ ok: true });
  return { key, csr };
}

/** A device from the reference stations' maker: its files, its code, and a finger on its button. */
async function unpacked(serial: string) {
  const settings = stationSettings(platform);
  const station = startReferenceStation(["new", "--device", serial], settings);
  const { code } = await station.told("unclaimed");
  await station.stop();
  const factory = { certificate: pki(`factory/${serial}.pem`), key: pki(`factory/${serial}.key`) };
  const press = async () => {
    const pressed = startReferenceStation(["press", "--device", serial], settings);
    await pressed.told("present");
    await pressed.stop();
  };
  return { serial, code, factory, press };
}

/** Such a device, claimed and enrolled by the EST client. */
async function enrolled(serial: string) {
  const device = await unpacked(serial);
  await device.press();
  const answer = await mara.post("/api/claims", { code: device.code });
  const { deviceId } = claimProgress.parse(await answer.json());
  const { key, csr } = await request(serial, "whatever");
  const certificate = file(`${serial}.pem`);
  const got = await est("enroll", device.factory, "-csr", csr, "-out", certificate);
  expect(got).toMatchObject({ ok: true });
  return { ...device, deviceId, csr, own: { certificate, key } };
}

test("an unclaimed device is told to ask again, and after the claim gets a certificate that OpenSSL accepts", async () => {
  const device = await unpacked("EST-1");
  const { key, csr } = await request("EST-1", "a name of its own");
  const early = await est("enroll", device.factory, "-csr", csr);
  expect(early.ok).toBe(false);
  expect(early.said).toMatch(/202|retry/i);

  await device.press();
  const claim = claimProgress.parse(await (await mara.post("/api/claims", { code: device.code })).json());
  const certificate = file("EST-1.pem");
  expect(await est("enroll", device.factory, "-csr", csr, "-out", certificate)).toMatchObject({ ok: true });
  expect(verified(certificate)).toContain(": OK");
  expect(subjectOf(certificate)).toBe(`subject=CN = ${claim.deviceId}`);
  expect(readFileSync(key, "utf8")).toContain("PRIVATE KEY");

  const again = file("EST-1-again.pem");
  await est("enroll", device.factory, "-csr", csr, "-out", again);
  expect(serialOf(again)).toBe(serialOf(certificate));
});

test("which keys are certified is said so that OpenSSL reads it: EC on P-256, signed with SHA-256", async () => {
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    `curl -sS --fail --cacert ${pki("server-ca.pem")} https://localhost:${platform.ports.DEVICE_HTTPS_PORT}/.well-known/est/csrattrs | openssl base64 -d -A | openssl asn1parse -inform DER`,
  ]);
  const said = [...stdout.matchAll(/OBJECT +:(\S+)/g)].map(([, name]) => name);
  expect(said).toEqual(["id-ecPublicKey", "prime256v1", "ecdsa-with-SHA256"]);
});

test("a certificate is renewed under its own names and no others, and not by another device's", async () => {
  const [one, other] = [await enrolled("EST-2"), await enrolled("EST-3")];
  const stranger = await request("stranger", "somebody else");
  expect(await est("reenroll", one.own, "-csr", stranger.csr)).toMatchObject({ ok: false });
  const theirs = await request("theirs", one.deviceId, "-uris", `urn:uuid:${one.deviceId}`);
  expect(await est("reenroll", other.own, "-csr", theirs.csr)).toMatchObject({ ok: false });
  expect(await est("enroll", other.own, "-csr", theirs.csr)).toMatchObject({ ok: false });
  const next = file("EST-2-next.pem");
  expect(await est("reenroll", one.own, "-csr", theirs.csr, "-out", next)).toMatchObject({ ok: true });
  expect(verified(next)).toContain(": OK");
  expect(subjectOf(next)).toBe(subjectOf(one.own.certificate));
});

test("whom to trust is learnt from the cloud: root, issuing authority, and who certifies servers", async () => {
  const out = file("cacerts.pem");
  const server = `localhost:${platform.ports.DEVICE_HTTPS_PORT}`;
  expect(await estclient("cacerts", "-server", server, "-explicit", pki("server-ca.pem"), "-out", out)).toMatchObject({
    ok: true,
  });
  const learnt = readFileSync(out, "utf8");
  for (const name of ["root-ca.pem", "device-ca.pem", "server-ca.pem"])
    expect(learnt.replaceAll(/\s/g, "")).toContain(readFileSync(pki(name), "utf8").replaceAll(/\s/g, ""));
});

test("the authority of our servers is rolled over: who trusts the old one comes back, and a station then trusts the new one", async () => {
  const settings = stationSettings(platform);
  const first = startReferenceStation(["new", "--device", "ROLL-1"], settings);
  const { code } = await first.told("unclaimed");
  first.type("press");
  await first.told("present");
  await mara.post("/api/claims", { code });
  await first.told("registered");
  await first.stop();

  const roll = () => promisify(execFile)(process.execPath, ["media-nodes/pki/main.ts", "roll"], { env: settings });
  await expect(roll()).rejects.toThrow("Stop the platform first");
  await platform.killAll();
  const before = file("before.pem");
  copyFileSync(pki("server.pem"), before);
  await roll();
  await platform.startAgain();
  const old = pki("factory/ROLL-1.anchors.pem");
  expect(readFileSync(old, "utf8")).not.toBe(readFileSync(pki("server-ca.pem"), "utf8"));
  const again = startReferenceStation(["listen", "--device", "ROLL-1"], settings);
  await again.told("anchors");
  await again.told("registered");
  await again.stop();
  const learnt = readFileSync(pki("devices/ROLL-1.anchors.pem"), "utf8").replaceAll(/\s/g, "");
  expect(learnt).toContain(readFileSync(pki("server-ca.pem"), "utf8").replaceAll(/\s/g, ""));
  expect(learnt).not.toContain(readFileSync(old, "utf8").replaceAll(/\s/g, ""));

  // The same for an EST client that we did not write, which trusts the old one alone.
  const out = file("rolled.pem");
  const server = `localhost:${platform.ports.DEVICE_HTTPS_PORT}`;
  expect(await estclient("cacerts", "-server", server, "-explicit", old, "-out", out)).toMatchObject({ ok: true });
  expect(openssl("verify", "-CAfile", pki("server-ca.pem"), "-untrusted", out, before)).toContain(": OK");
  expect(openssl("verify", "-CAfile", old, "-untrusted", pki("server.pem"), pki("server.pem"))).toContain(": OK");
  expect(openssl("verify", "-CAfile", pki("server-ca.pem"), pki("server.pem"))).toContain(": OK");
});

test("the authority of devices' certificates is revoked and replaced: what it issued is refused, and a station comes back by its factory's", async () => {
  const settings = stationSettings(platform);
  const station = startReferenceStation(["listen", "--device", "ROLL-1"], settings);
  await station.told("registered");
  const before = { certificate: file("leaked.pem"), key: file("leaked.key") };
  for (const kind of ["pem", "key"]) copyFileSync(pki(`devices/ROLL-1.${kind}`), file(`leaked.${kind}`));
  const authority = file("leaked-authority.pem");
  copyFileSync(pki("device-ca.pem"), authority);
  const withAuthority = file("leaked-with-authority.pem");
  writeFileSync(withAuthority, [before.certificate, authority].map((path) => readFileSync(path, "utf8")).join(""));

  await platform.killAll();
  for (const words of [
    ["revoke", pki("device-ca.pem")],
    ["replace", "issuing"],
  ])
    await promisify(execFile)(process.execPath, ["media-nodes/pki/main.ts", ...words], { env: settings });
  const events = station.events.length;
  await platform.startAgain();
  await station.told("enrolled", undefined, events, 60_000);
  await station.told("registered", undefined, events, 60_000);
  await station.stop();

  const own = pki("devices/ROLL-1.pem");
  expect(verified(own)).toContain(": OK");
  expect(subjectOf(own)).toBe(subjectOf(before.certificate));
  // By the leaked authority nobody comes in, also where it is sent along.
  const { csr } = await request("leaked-again", subjectOf(own).replace("subject=CN = ", ""));
  expect(await est("reenroll", before, "-csr", csr)).toMatchObject({ ok: false });
  const ports = [platform.ports.MQTT_PORT, platform.ports.LOG_PORT, platform.sipPort];
  for (const certificate of [before.certificate, withAuthority])
    expect(await Promise.all(ports.map((port) => staysOpen(port, certificate, before.key)))).toEqual([
      false,
      false,
      false,
    ]);
  const key = pki("devices/ROLL-1.key");
  expect(await Promise.all(ports.map((port) => staysOpen(port, own, key)))).toEqual([true, true, true]);
  const lists = ["-crl_check_all", "-CRLfile", pki("root-ca.crl")];
  const judged = (path: string) => openssl("verify", "-CAfile", pki("root-ca.pem"), ...lists, path);
  expect(judged(pki("device-ca.pem"))).toContain(": OK");
  expect(judged(authority)).toContain("certificate revoked");
});

test.each([
  ["renews its certificate", 70, "renewed"],
  ["has a new one by its factory's", 100, "enrolled"],
] as const)("a station %s by its own clock, which no server moves before what it knew", async (_, days, event) => {
  const latest = Date.now() + days * 86_400_000;
  writeFileSync(join(platform.dataDir, "stations/ROLL-1/clock.json"), JSON.stringify({ latest }));
  const station = startReferenceStation(["listen", "--device", "ROLL-1"], stationSettings(platform));
  await station.told(event);
  expect(await station.told("time-refused")).toMatchObject({ why: "before-known-time" });
  await station.stop();
});

test("our cloud fits in everything, for a device that the kit plays", async ({ onTestFinished }) => {
  const { dataDir, publicHost, sipPort, ports } = platform;
  const { DEVICE_HTTPS_PORT: https, MQTT_PORT: mqtt, LOG_PORT: log, NTP_PORT: ntp } = ports;
  const addresses = Object.entries({ https, mqtt, sip: sipPort, log, ntp }).flatMap(([name, port]) => [
    `--${name}-port`,
    String(port),
  ]);
  const image = file("image");
  writeFileSync(image, randomBytes(100_000));
  const release = ["--image", image, "--model", "WS 301V CM", "--revision", "AD", "--release", "2"];
  await promisify(execFile)(process.execPath, ["firmware-cdn/main.ts", "publish", ...release], {
    env: { ...process.env, DATA_DIR: dataDir, MINIFLARE_PORT: String(ports.MINIFLARE_PORT) },
  });
  const kit = startConformanceKit("device", "--host", publicHost, "--folder", dataDir, ...addresses);
  onTestFinished(kit.stop);
  const obeyed: Promise<unknown>[] = [];
  // Whoever claims tries again, too, where the edge has just been started anew.
  const obey = (path: string, body?: unknown) =>
    obeyed.push(
      vi.waitFor(async () => expect((await mara.post(path, body)).status).toBeLessThan(300), {
        timeout: 30_000,
        interval: 1_000,
      }),
    );
  kit.onLine((line) => {
    const [, code] = /^→ Claim the device .*: (\S+)$/.exec(line) ?? [];
    const [, deviceId] = /^→ Ask for the log .*: (\S+)$/.exec(line) ?? [];
    if (code !== undefined) obey("/api/claims", { code });
    if (deviceId !== undefined) obey(`/api/devices/${deviceId}/logs`);
  });
  const { code, lines, errors } = await kit.ended;
  await Promise.all(obeyed);
  expect([errors, lines.filter((line) => /^[✗·] /.test(line))]).toEqual(["", []]);
  expect(lines.filter((line) => line.startsWith("✓ ")).length).toBeGreaterThan(60);
  expect(code).toBe(0);
});
