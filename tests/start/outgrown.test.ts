/** What has outgrown one machine: the database, the mail server and LiveKit are elsewhere, by settings alone. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "#db/embedded/postgres.ts";
import { testFolder } from "#db/testing/database.ts";
import { type MailServer, startMailServer } from "#media-nodes/mail/testing/mail-server.ts";
import { issueServerCertificate, makeAuthority } from "#media-nodes/pki/issue.ts";
import { startLiveKit, type TestLiveKit } from "../media/livekit.ts";
import { openProfile, startBrowser } from "../support/browser.ts";
import { randomPictureCode } from "../support/camera.ts";
import { answer, hearTone, ringSheet, seePictureCode, signIn, turnSoundOn } from "../support/desk.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { takePorts } from "../support/ports.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const door = "Main entrance";
const doorTone = randomTone();
const doorCode = randomPictureCode();
const folder = testFolder();
const account = { user: "cloud", password: "p@ss:word" };

let postgres: RunningPostgres;
let postgresPort: number;
let mails: MailServer;
let livekit: TestLiveKit;
let livekitPort: number;
let platform: Platform;
let browser: Browser;
let page: Page;
let station: ReferenceStation;

const admin = { user: "administrator", password: "of the whole cluster" };

/** Asks the database elsewhere, as its administrator. */
async function query<Row extends pg.QueryResultRow>(text: string, database = "cloud"): Promise<Row[]> {
  const client = new pg.Client({ host: "127.0.0.1", port: postgresPort, ...admin, database });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  const [dbPort = 0, base = 0] = await takePorts(12);
  [postgresPort, livekitPort] = [dbPort, base];
  postgres = await startPostgres({
    folder: join(folder, "postgres"),
    port: postgresPort,
    owner: admin,
    database: "postgres",
    onLog: () => undefined,
  });
  // As a provider hands a database out: its owner may make roles, and see past row security, and is no superuser.
  await query("create role cloud_owner login createrole bypassrls password 'of the tables'", "postgres");
  await query("create database cloud owner cloud_owner", "postgres");
  livekit = await startLiveKit(livekitPort);
  const authority = await makeAuthority("Mail");
  const { certificate: cert, key } = await issueServerCertificate(authority, ["localhost"]);
  writeFileSync(join(folder, "mail-ca.pem"), authority.certificate);
  mails = await startMailServer({ implicit: true, certificate: { cert, key }, account });
  platform = await startPlatform({
    DATABASE_URL: `postgres://cloud_app:${encodeURIComponent("row & row")}@127.0.0.1:${postgresPort}/cloud`,
    DATABASE_OWNER_URL: `postgres://cloud_owner:${encodeURIComponent("of the tables")}@127.0.0.1:${postgresPort}/cloud`,
    SMTP_URL: `smtps://${account.user}:${encodeURIComponent(account.password)}@localhost:${mails.port}`,
    MAIL_FROM: "Lindenhof <doors@lindenhof.example>",
    NODE_EXTRA_CA_CERTS: join(folder, "mail-ca.pem"),
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
  });
  const microphone = join(platform.dataDir, "person.wav");
  writeToneFile(microphone, randomTone(), { spoken: true });
  browser = await startBrowser({ microphone });
  page = await (await openProfile(browser, platform.origin)).newPage();
});

afterAll(async () => {
  await browser?.close();
  await station?.stop();
  await platform?.stop();
  await livekit?.stop();
  mails?.close();
  await postgres?.stop();
});

test("the rows are in the database elsewhere, and none is started here", async () => {
  expect(await query("select name from site order by name")).toEqual([
    { name: "Hafenkai 12" },
    { name: "Lindenhof 4" },
  ]);
  expect(existsSync(join(platform.dataDir, "postgres"))).toBe(false);
  const [role] = await query("select rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = 'cloud_app'");
  expect(role).toEqual({ rolsuper: false, rolcreaterole: false, rolbypassrls: false });
  const owned = await query("select tablename from pg_tables where tableowner = 'cloud_app'");
  expect(owned).toEqual([]);
});

test("a mail goes out by the mail server elsewhere, over TLS and signed in, and the terminal keeps its link to itself", async () => {
  const body = {
    email: "anna@example.com",
    password: "a good password",
    name: "Anna",
    organisation: "Anna's house",
    callbackURL: "/verify",
  };
  const asked = await page.request.post(`${platform.origin}/api/auth/sign-up/email`, {
    data: body,
    headers: { origin: platform.origin },
  });
  expect(asked.status()).toBe(200);
  const mail = await mails.mailTo(body.email);
  expect(mail).toMatchObject({ from: "doors@lindenhof.example", secure: true, user: account.user });
  const link = /https?:\/\/\S+/.exec(mail.data.replace(/=\n/g, "").replace(/=3D/g, "="))?.[0] ?? "";
  const opened = await page.request.get(link, { maxRedirects: 0 });
  expect(opened.headers().location).toBe("/verify");
  expect(platform.output()).not.toContain("verify-email");
});

test("a call goes through the LiveKit elsewhere, which the pages' policy names", async () => {
  station = startReferenceStation(
    ["listen", "--tone", String(doorTone), "--picture-code", String(doorCode)],
    stationSettings(platform),
  );
  await station.told("registered");
  await signIn(page, platform.origin, platform.accounts.mara);
  await turnSoundOn(page);
  station.type("press");
  await ringSheet(page, door).waitFor();
  await seePictureCode(page, doorCode);
  await answer(page, door);
  await hearTone(page, doorTone);
  const ports = await page.evaluate(async () => {
    const found = new Set<number>();
    for (const receiver of window.receivers) {
      for (const report of (await receiver.getStats()).values()) {
        if (report.type === "remote-candidate") found.add(report.port);
      }
    }
    return [...found];
  });
  expect(ports).toEqual([livekitPort + 1]);
  const policy = (await page.request.get(`${platform.origin}/sign-in`)).headers()["content-security-policy"];
  expect(policy).toContain(`connect-src 'self' ${livekit.url}`);
});

test("it starts again on the same database", async () => {
  await platform.killAll();
  await platform.startAgain();
  expect(await query("select name from site order by name")).toHaveLength(2);
});
