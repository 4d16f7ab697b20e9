/** Reached by an address of this machine and no longer as localhost: everything is HTTPS and TLS, by one setting, for a whole call. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProfile, startBrowser } from "../support/browser.ts";
import { randomPictureCode } from "../support/camera.ts";
import { answer, callStage, hearTone, ringSheet, seePictureCode, signIn, turnSoundOn, until } from "../support/desk.ts";
import { ownAddress } from "../support/own-address.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const door = "Main entrance";
const doorTone = randomTone();
const personTone = randomTone() + 1600; // another octave than any door's
const doorCode = randomPictureCode();
const host = ownAddress();

let platform: Platform;
let authority: string;
let browser: Browser;
let page: Page;
let station: ReferenceStation;

beforeAll(async () => {
  platform = await startPlatform({ PUBLIC_HOST: host });
  authority = readFileSync(join(platform.dataDir, "pki", "server-ca.pem"), "utf8");
  const microphone = join(platform.dataDir, "person.wav");
  writeToneFile(microphone, personTone, { spoken: true });
  const trusts = readFileSync(join(platform.dataDir, "pki", "server.pem"), "utf8");
  browser = await startBrowser({ microphone, trusts });
  page = await (await openProfile(browser, platform.origin)).newPage();
  station = startReferenceStation(
    ["listen", "--tone", String(doorTone), "--picture-code", String(doorCode)],
    stationSettings(platform),
  );
});

afterAll(async () => {
  await browser?.close();
  await station?.stop();
  await platform?.stop();
});

/** Asks; rejects where the certificate is not good for this host by what is trusted. */
async function ask(path: string, trusted?: string, headers: Record<string, string> = {}) {
  const asked = request(platform.origin + path, { agent: false, ca: trusted, headers }).end();
  const [answer] = await once(asked, "response");
  answer.resume();
  return answer;
}

test("the address that the terminal shows is HTTPS, and a client that trusts the authority here takes its certificate", async () => {
  expect(platform.origin).toBe(`https://${host}:${platform.ports.EDGE_PORT}`);
  expect(platform.output()).toContain(platform.origin);
  expect(platform.output()).toContain(join(platform.dataDir, "pki", "server-ca.pem"));
  expect((await ask("/sign-in", authority)).statusCode).toBe(200);
  await expect(ask("/sign-in")).rejects.toThrow(/self-signed|unable to (verify|get)/);
});

test("it answers by no other name, and takes sockets from no other origin", async () => {
  const local = `localhost:${platform.ports.EDGE_PORT}`;
  expect((await ask("/sign-in", authority, { host: local })).statusCode).toBe(421);
  const socket = { upgrade: "websocket", connection: "upgrade", origin: `https://${local}` };
  expect((await ask("/api/live", authority, socket)).statusCode).toBe(403);
});

test("plain HTTP gets no answer there, and TLS older than 1.2 no connection", async () => {
  await expect(fetch(platform.origin.replace("https", "http"))).rejects.toThrow();
  const old = connect({
    host,
    port: platform.ports.EDGE_PORT ?? 0,
    ca: authority,
    maxVersion: "TLSv1.1",
    minVersion: "TLSv1",
  });
  const [error] = await once(old, "error");
  expect(error.code).toMatch(/^ERR_SSL|^ECONNRESET/);
});

test("the sign-in page's cookie is for HTTPS alone, and the browser is told to come by it from now on", async () => {
  await signIn(page, platform.origin, platform.accounts.mara);
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === "__Secure-symphony.session_token");
  expect(session).toMatchObject({ secure: true, httpOnly: true, domain: host });
  const told = await page.evaluate(async () => (await fetch("/api/me")).headers.get("strict-transport-security"));
  expect(told).toMatch(/max-age=\d+/);
});

test("its socket is open, and a press rings with the door's moving picture", async () => {
  await turnSoundOn(page);
  await station.told("registered");
  station.type("press");
  await ringSheet(page, door).waitFor();
  await seePictureCode(page, doorCode);
});

test("answered, both hear each other by that address and by no other", async () => {
  await answer(page, door);
  await hearTone(page, doorTone);
  await station.told("heard-tone", ({ hertz }) => hertz !== null && Math.abs(hertz - personTone) <= 25);
  const remote = await page.evaluate(async () => {
    const found = new Set<string>();
    for (const receiver of window.receivers) {
      for (const report of (await receiver.getStats()).values()) {
        if (report.type === "remote-candidate") found.add(report.address);
      }
    }
    return [...found];
  });
  expect(remote).toEqual([host]);
});

test("the gateway stored the caller's picture by HTTPS, and the history shows it", async () => {
  await callStage(page, door).getByRole("button", { name: /^End/ }).click();
  await station.told("ended");
  const call = await until(
    () =>
      page.evaluate(async () => {
        const { calls } = await (await fetch("/api/calls")).json();
        return calls[0];
      }),
    "the call in the history",
  );
  await page.goto(`${platform.origin}/history/${call.callId}`);
  await seePictureCode(page, doorCode, new RegExp(door));
});
