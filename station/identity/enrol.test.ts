/** A station that asks for a certificate after it was switched off for long, or over a bad network; the test answers as EST does. */
import { execFileSync } from "node:child_process";
import { randomUUID, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { factoryCertificateIn, serverCertificateIn } from "#media-nodes/pki/folder.ts";
import {
  type Certified,
  certifyDevice,
  issueDeviceCertificate,
  makeAuthority,
  makeRequest,
} from "#media-nodes/pki/issue.ts";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { openConfigured } from "../cloud/configured.ts";
import type { StationEvent } from "../events.ts";
import { enrol, isDisowned, resetToFactory } from "./enrol.ts";
import { type KeptIdentity, keptIdentity } from "./kept-identity.ts";
import { lookAfter } from "./look-after.ts";

const name = "one";
const old = deviceId.parse(randomUUID());
let pki: string;
let authority: Certified;
let server: https.Server;
let identity: KeptIdentity;
let events: StationEvent[];
/** Whose the station was each time that it was made to forget. */
let forgotten: (DeviceId | undefined)[];
/** What the cloud answers, one after the other; the last for ever. */
type Answer = "unclaimed" | "revoked" | "cut-off" | "for-another-key" | DeviceId;
let answers: Answer[];
/** PEM: the authority of devices' certificates, as `cacerts` names it. */
let named: string;
/** The requests that came, as text. */
let asked: string[];

beforeEach(async () => {
  pki = temporaryFolder("enrol");
  authority = (await deviceAuthorityIn(pki)).issuing;
  named = authority.certificate;
  await factoryCertificateIn(pki, name, { serial: "S-1", model: "WS 301V CM" });
  const label = { serial: "S-1", model: "WS 301V CM", revision: "AD", code: "on-the-label" };
  writeFileSync(join(pki, "factory", `${name}.json`), JSON.stringify(label));
  const files = await serverCertificateIn(pki, ["localhost"]);
  identity = keptIdentity(pki, name);
  events = [];
  forgotten = [];
  asked = [];
  server = https.createServer(
    { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
    async (request, response) => {
      const text = (await request.setEncoding("utf8").toArray()).join("");
      asked.push(text);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined || answer === "cut-off") return response.destroy();
      if (request.url === "/.well-known/est/cacerts") return response.end(certsOnly(named));
      if (request.url === "/device/presence") return response.writeHead(204).end();
      if (answer === "unclaimed") return response.writeHead(202, { "retry-after": "1" }).end();
      if (answer === "revoked") return response.writeHead(403).end(JSON.stringify({ detail: "It was revoked." }));
      const certificate = await certified(
        text,
        answer === "for-another-key" ? old : answer,
        answer === "for-another-key",
      );
      response.end(certsOnly(certificate));
    },
  );
  await once(server.listen(0, "localhost"), "listening");
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function certified(request: string, device: string, otherKey: boolean): Promise<string> {
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${request}\n-----END CERTIFICATE REQUEST-----\n`;
  return certifyDevice(authority, device, otherKey ? (await makeRequest("another")).request : pem);
}

function certsOnly(certificate: string): string {
  const path = join(pki, "answered.pem");
  writeFileSync(path, certificate);
  return execFileSync("openssl", ["crl2pkcs7", "-nocrl", "-certfile", path, "-outform", "DER"]).toString("base64");
}

/** It was its owner's, until that certificate ended. */
async function wasClaimed(): Promise<void> {
  const validity = { from: new Date(Date.now() - 100 * 86_400_000), until: new Date(Date.now() - 86_400_000) };
  const own = await issueDeviceCertificate(authority, old, validity);
  mkdirSync(join(pki, "devices"), { recursive: true });
  writeFileSync(join(pki, "devices", `${name}.pem`), own.certificate);
  writeFileSync(join(pki, "devices", `${name}.key`), own.key);
  expect(identity.operational?.deviceId).toBe(old);
}

function about() {
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    cloud: { host: "localhost", port },
    identity,
    report: (event: StationEvent) => void events.push(event),
    now: Date.now,
    forget: () => void forgotten.push(identity.operational?.deviceId),
  };
}

test("a network that is lost before the answer, or with it, costs time only: the same key is asked for again", async () => {
  const given = deviceId.parse(randomUUID());
  answers = ["cut-off", "cut-off", given];
  await enrol(about()).enrolled;
  expect(identity.operational?.deviceId).toBe(given);
  expect(events.map(({ event }) => event)).toEqual(["cloud-away", "cloud-away", "enrolled"]);
  expect(new Set(asked.map(keyIn)).size).toBe(1);
  expect(forgotten).toEqual([]);
});

test("a press while no cloud is there is said once one is, and until then the station asks with the same patience", async () => {
  answers = ["unclaimed", "cut-off", "cut-off", "unclaimed", deviceId.parse(randomUUID())];
  const waiting = enrol(about());
  await vi.waitFor(() => expect(events).toMatchObject([{ event: "unclaimed" }]));
  const pressedAt = performance.now();
  waiting.pressed();
  await waiting.enrolled;
  expect(events.map(({ event }) => event)).toEqual(["unclaimed", "cloud-away", "cloud-away", "present", "enrolled"]);
  expect(performance.now() - pressedAt).toBeGreaterThan(500);
});

const keyIn = (request: string): string =>
  execFileSync("openssl", ["req", "-inform", "DER", "-noout", "-pubkey"], {
    input: Buffer.from(request, "base64"),
  }).toString();

test("a station whose certificate ended is who it was, and forgets nothing", async () => {
  await wasClaimed();
  answers = [old];
  await enrol(about()).enrolled;
  const { certificate = "", until, renewAt } = identity.operational ?? {};
  expect(until?.getTime()).toBeGreaterThan(Date.now());
  const from = Date.parse(new X509Certificate(certificate).validFrom);
  expect((Number(renewAt) - from) / (Number(until) - from)).toBeCloseTo(2 / 3, 3);
  expect(forgotten).toEqual([]);
});

test("one that was handed on meanwhile forgets its owner before it is another's", async () => {
  await wasClaimed();
  const given = deviceId.parse(randomUUID());
  answers = [given];
  await enrol(about()).enrolled;
  expect(identity.operational?.deviceId).toBe(given);
  expect(forgotten).toEqual([old]);
});

test("one that was released meanwhile forgets its owner once, and the code on its label is worth nothing", async () => {
  await wasClaimed();
  const given = deviceId.parse(randomUUID());
  answers = ["unclaimed", "unclaimed", given];
  await enrol(about()).enrolled;
  expect(forgotten).toEqual([old]);
  expect(events[0]).toEqual({ event: "unclaimed", code: "" });
  expect(identity.operational?.deviceId).toBe(given);
});

test("one that is revoked tries on until its owner allows it again", async () => {
  await wasClaimed();
  answers = ["revoked", old];
  await enrol(about()).enrolled;
  expect(events.map(({ event }) => event)).toEqual(["refused", "enrolled"]);
  expect(forgotten).toEqual([]);
});

test("one at work asks by its factory certificate once its own has ended, and does not try to renew that", async () => {
  await wasClaimed();
  answers = ["cut-off"];
  const asks = Promise.withResolvers<void>();
  const configured = openConfigured(join(pki, "configuration.json"), () => {});
  const comeBack = async () => asks.resolve();
  const leave = lookAfter(about(), configured, { firmware: "1.0" }, { reconnect() {}, comeBack });
  await asks.promise;
  await leave();
  expect(identity.nextKey).toBeUndefined();
});

test("one whose authority the cloud names no more knows that its certificate counts no more", async () => {
  await wasClaimed();
  answers = [old];
  expect(await isDisowned(about())).toBe(false);
  named = (await makeAuthority("Symphony device authority")).certificate;
  expect(await isDisowned(about())).toBe(true);
  answers = ["cut-off"];
  await expect(isDisowned(about())).rejects.toThrow();
});

test("a certificate for another key is not taken", async () => {
  await wasClaimed();
  answers = ["for-another-key", old];
  await enrol(about()).enrolled;
  expect(events.map(({ event }) => event)).toEqual(["cloud-away", "enrolled"]);
});

test("a factory reset keeps what the factory gave, whom it trusts by now, and nothing of its own", async () => {
  await wasClaimed();
  const { factory, label } = identity;
  identity.keepAnchors(`${identity.anchors}\n`);
  const { anchors } = identity;
  identity.keepNextKey("a key");
  resetToFactory(about());
  expect(identity).toMatchObject({ factory, label, anchors, operational: undefined, nextKey: undefined });
  expect(forgotten).toEqual([old]);
});
