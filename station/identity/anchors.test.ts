/** A station and a server whose authority is rolled over meanwhile. What `cacerts` answers is put together by OpenSSL. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { authorities } from "#media-nodes/edge/authorities.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { rollServerAuthority, serverCertificateIn } from "#media-nodes/pki/folder.ts";
import { makeAuthority } from "#media-nodes/pki/issue.ts";
import { rootListIn } from "#media-nodes/pki/root-list.ts";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { askCloud } from "./cloud-https.ts";
import { learnAnchors } from "./enrol.ts";
import { type KeptIdentity, keptIdentity } from "./kept-identity.ts";

let pki: string;
let server: https.Server | undefined;
let identity: KeptIdentity;
let events: string[];
/** PEM: what the cloud hands out. */
let offered: string;

beforeEach(async () => {
  pki = temporaryFolder("anchors");
  await deviceAuthorityIn(pki);
  await rootListIn(pki);
  await start();
  // As it left the factory, with a folder of its own.
  const own = temporaryFolder("station");
  mkdirSync(join(own, "factory"), { recursive: true });
  writeFileSync(join(own, "factory", "one.anchors.pem"), anchor());
  identity = keptIdentity(own, "one");
  events = [];
});
afterEach(stop);

const anchor = () => readFileSync(join(pki, "server-ca.pem"), "utf8");

function stop() {
  server?.close();
  server?.closeAllConnections();
}

/** Starts the server anew, as a start of the platform does; alone: with its certificate, and nothing that leads to it. */
async function start({ alone = false } = {}): Promise<void> {
  stop();
  const files = await serverCertificateIn(pki, ["localhost"]);
  const bound = authorities(pki);
  offered = [bound.ISSUING_CERTIFICATE, bound.ROOT_CERTIFICATE, bound.SERVER_AUTHORITY].join("");
  const chain = readFileSync(files.certificate, "utf8");
  const cert = alone ? chain.slice(0, chain.indexOf("-----END")) + "-----END CERTIFICATE-----\n" : chain;
  server = https.createServer({ cert, key: readFileSync(files.key) }, (_request, response) => {
    const path = join(pki, "offered.pem");
    writeFileSync(path, offered);
    response.end(
      execFileSync("openssl", ["crl2pkcs7", "-nocrl", "-certfile", path, "-outform", "DER"]).toString("base64"),
    );
  });
  await once(server.listen(0, "localhost"), "listening");
}

function cloud() {
  const address = server?.address();
  return { host: "localhost", port: typeof address === "object" ? (address?.port ?? 0) : 0 };
}
const learn = () =>
  learnAnchors({
    cloud: cloud(),
    identity,
    report: ({ event }) => events.push(event),
    now: Date.now,
    forget: () => {},
  });
const reaches = () =>
  askCloud(cloud(), { method: "GET", path: "/", anchors: identity.anchors }).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code,
  );
const refused = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";

test("a station learns of a new authority by the old one, keeps it, and needs the old one no more", async () => {
  await rollServerAuthority(pki);
  await start();
  expect(await reaches()).toBe(true);
  await learn();
  expect(events).toEqual(["anchors"]);
  expect(identity.anchors).toContain(anchor());
  await start({ alone: true });
  expect(await reaches()).toBe(true);
  await learn();
  expect(events).toEqual(["anchors"]);
});

test("one that did not learn in time is lost to a server that shows nothing that leads there", async () => {
  await rollServerAuthority(pki);
  await start({ alone: true });
  expect(await reaches()).toBe(refused);
});

test("one that slept through two successions finds to the third authority", async () => {
  await rollServerAuthority(pki);
  await rollServerAuthority(pki);
  await start();
  await learn();
  await start({ alone: true });
  expect(identity.anchors).toContain(anchor());
  expect(await reaches()).toBe(true);
});

test("one that has learnt takes a server of the authority before, as it runs until its next start", async () => {
  const { port } = cloud();
  const [running, before] = [server, identity.anchors];
  server = undefined;
  await rollServerAuthority(pki);
  await start();
  await learn();
  expect(identity.anchors).not.toContain(before);
  stop();
  server = running;
  expect(cloud().port).toBe(port);
  expect(await reaches()).toBe(true);
});

test("an authority that no known one vouches for is not taken, though the connection is trusted", async () => {
  const before = identity.anchors;
  offered = (await makeAuthority("Symphony server authority", undefined, { above: 1 })).certificate;
  await learn();
  offered += before;
  await learn();
  expect(identity.anchors).toBe(before);
});

test("an authority by which the cloud could not be reached is not taken", async () => {
  const before = identity.anchors;
  await rollServerAuthority(pki);
  const [newWithNew = "", newWithOld = ""] =
    authorities(pki).SERVER_AUTHORITY?.split(/(?<=-----END CERTIFICATE-----\n)/) ?? [];
  // The server still has its certificate by the old one, and nothing is handed out that leads back.
  offered = newWithNew + newWithOld;
  await expect(learn()).rejects.toThrow();
  expect(identity.anchors).toBe(before);
  expect(await reaches()).toBe(true);
});
