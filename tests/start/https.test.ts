/**
 * Reached by an address of this machine and no longer as localhost: everything is HTTPS and TLS, by one setting, for a whole call.
 * Mosquitto stands in Aedes's place. Each port that the README names is open there, with its protocol on it, for clients that we did not write.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
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
const srtpPorts = [20_000, 20_019] as const;
const turnPorts = [45_991, 45_999] as const;

let platform: Platform;
let authority: string;
let browser: Browser;
let page: Page;
let station: ReferenceStation;

beforeAll(async () => {
  platform = await startPlatform({
    PUBLIC_HOST: host,
    MQTT_BROKER: "mosquitto",
    SRTP_PORTS: srtpPorts.join("-"),
    TURN_PORTS: turnPorts.join("-"),
  });
  authority = readFileSync(join(platform.dataDir, "pki", "server-ca.pem"), "utf8");
  const microphone = join(platform.dataDir, "person.wav");
  writeToneFile(microphone, personTone, { spoken: true });
  const trusts = readFileSync(join(platform.dataDir, "pki", "server.pem"), "utf8");
  browser = await startBrowser({ microphone, trusts });
  const profile = await openProfile(browser, platform.origin);
  await profile.addInitScript(keepConnections);
  page = await profile.newPage();
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

declare global {
  interface Window {
    connections: RTCPeerConnection[];
  }
}

function keepConnections() {
  window.connections = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.connections.push(this);
    }
  };
}

const run = promisify(execFile);
const port = (variable: string) => platform.ports[variable] ?? 0;
const pki = (name: string) => join(platform.dataDir, "pki", name);
/** What the station enrolled for. */
const own = (ending: "pem" | "key") => {
  const [registered] = station.events.filter(({ event }) => event === "registered");
  return pki(`devices/${registered && "deviceId" in registered ? registered.deviceId : ""}.${ending}`);
};
const isIn = (range: readonly [number, number], one: number) => one >= range[0] && one <= range[1];
/** UDP ports that are open at this host, as Linux lists them: the address from its last octet on, in hexadecimal. */
function udpPorts(): number[] {
  const octets = host
    .split(".")
    .reverse()
    .map((octet) => Number(octet).toString(16).padStart(2, "0").toUpperCase());
  const open = readFileSync("/proc/net/udp", "utf8").matchAll(/: ([0-9A-F]{8}):([0-9A-F]{4}) /g);
  return [...open].filter(([, at]) => at === octets.join("")).map(([, , number = ""]) => Number.parseInt(number, 16));
}

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
        if (report.type === "remote-candidate") found.add(`${report.protocol} ${report.address}:${report.port}`);
      }
    }
    return [...found];
  });
  expect(remote).toEqual([`udp ${host}:${port("LIVEKIT_UDP_PORT")}`]);
  expect(udpPorts().filter((one) => isIn(srtpPorts, one)).length).toBeGreaterThan(0);
});

test("3478: in the call Chromium has a port relayed by TURN, which is STUN with a password", async () => {
  const { iceServers, relayed } = await page.evaluate(async () => {
    const [iceServers = []] = window.connections
      .map((one) => one.getConfiguration().iceServers ?? [])
      .filter(({ length }) => length > 0);
    const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
    connection.createDataChannel("any");
    const found = new Promise<RTCIceCandidate | null>((resolve) => {
      connection.onicecandidate = ({ candidate }) => resolve(candidate);
    });
    await connection.setLocalDescription();
    const candidate = await found;
    connection.close();
    return { iceServers, relayed: { address: candidate?.address, port: candidate?.port ?? 0 } };
  });
  expect(iceServers.flatMap(({ urls }) => urls)).toEqual([`turn:${host}:${port("STUN_PORT")}?transport=udp`]);
  expect(relayed.address).toBe(host);
  expect(isIn(turnPorts, relayed.port)).toBe(true);
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

test("no media port is open between calls", async () => {
  await until(async () => udpPorts().every((one) => !isIn(srtpPorts, one)), "the ports of the call closed");
});

test("443: curl gets portal and devices' door over HTTPS, each at its port", async () => {
  const get = async (at: number, path: string) =>
    (await run("curl", ["-sS", "--cacert", pki("server-ca.pem"), `https://${host}:${at}${path}`])).stdout;
  expect(await get(port("EDGE_PORT"), "/sign-in")).toContain("<!doctype html>");
  expect(await get(port("DEVICE_HTTPS_PORT"), "/.well-known/est/cacerts")).toMatch(/^MII/);
});

test("80: over plain HTTP OpenSSL fetches the lists that the station's and its issuer's certificate name, and there is nothing else", async () => {
  const lists = `http://${host}:${port("CRL_PORT")}/crl/`;
  const { stdout: issuer } = await run("openssl", ["x509", "-noout", "-text", "-in", pki("device-ca.pem")]);
  const [, address] = /URI:(http:.*)/.exec(issuer) ?? [];
  expect(address).toBe(`${lists}root.crl`);
  const root = join(platform.dataDir, "root.crl");
  await run("curl", ["-sS", "--fail", "-o", `${root}.der`, `${lists}root.crl`]);
  await run("openssl", ["crl", "-inform", "DER", "-in", `${root}.der`, "-out", root]);
  const trusting = ["-CAfile", pki("root-ca.pem"), "-untrusted", pki("device-ca.pem"), "-CRLfile", root];
  const { stdout } = await run("openssl", ["verify", "-crl_check_all", "-crl_download", ...trusting, own("pem")]);
  expect(stdout).toContain(": OK");
  expect((await fetch(`http://${host}:${port("CRL_PORT")}/sign-in`)).status).toBe(404);
});

test("8088: curl sends lines of the station's log in chunks, under its certificate, and nothing goes without one", async () => {
  const lines = join(platform.dataDir, "lines.ndjson");
  writeFileSync(lines, `{"at":1,"level":"warn","text":"by curl"}\nno line\n`);
  const tls = ["--cacert", pki("server-ca.pem"), "--http1.1", "-H", "transfer-encoding: chunked"];
  const what = ["-H", "content-type: application/x-ndjson", "--data-binary", `@${lines}`];
  const send = async (...more: string[]) =>
    (await run("curl", ["-sS", ...tls, ...what, ...more, `https://${host}:${port("LOG_PORT")}/device/log`])).stdout;
  expect(JSON.parse(await send("--cert", own("pem"), "--key", own("key")))).toEqual({ kept: 1, dropped: 1 });
  await expect(send()).rejects.toThrow();
});

test("123: chrony takes the time", async () => {
  const command = ["-Q", "-t", "8", `server ${host} port ${port("NTP_PORT")} iburst maxsamples 1`];
  const { stdout, stderr } = await run("chronyd", command);
  expect(stdout + stderr).toContain("System clock wrong by");
});

test("5061: a certificate's holder gets an answer in SIP", async () => {
  const socket = connect({
    host,
    port: platform.sipPort,
    ca: authority,
    cert: readFileSync(own("pem")),
    key: readFileSync(own("key")),
  });
  const from = "<sip:somebody@test.invalid>;tag=1";
  const head = [
    `OPTIONS sip:${host} SIP/2.0`,
    "Via: SIP/2.0/TLS test.invalid;branch=z9hG4bK1",
    "Max-Forwards: 70",
    `From: ${from}`,
    `To: <sip:${host}>`,
    "Call-ID: 1@test.invalid",
    "CSeq: 1 OPTIONS",
    "Content-Length: 0",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^SIP\/2\.0 200 /);
  socket.destroy();
});

test("8883: Mosquitto's client hears what the cloud says to its device", async () => {
  const device = /([0-9a-f-]{36})\.pem$/.exec(own("pem"))?.[1] ?? "";
  await station.stop();
  const tls = ["--cafile", pki("server-ca.pem"), "--cert", own("pem"), "--key", own("key")];
  const about = ["-h", host, "-p", String(port("MQTT_PORT")), ...tls, "-i", device, "-W", "10"];
  const { stdout } = await run("mosquitto_sub", [...about, "-C", "1", "-t", `symphony/1/${device}/down/#`]);
  expect(JSON.parse(stdout)).toHaveProperty("challenge");
});
