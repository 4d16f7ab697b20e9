/** Enrolment through the real worker: which certificate is good for what, and what a request can't ask for. */
import "reflect-metadata";
import { env } from "cloudflare:workers";
import * as x509 from "@peculiar/x509";
import { eq } from "drizzle-orm";
import { describe, expect, inject, it } from "vitest";
import { onlineTime } from "#core/device/claim.ts";
import { revocations } from "#core/messages/claiming.ts";
import { problem } from "#core/messages/portal-api.ts";
import { deviceId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { certificate } from "#db/schema/identity.ts";
import type {} from "#db/testing/routes-context.ts";
import { claimedDevice } from "../testing/claimed.ts";
import {
  askAs,
  certificateIn,
  enrol,
  type Held,
  makeKeys,
  newMaker,
  requestWith,
  statusesOf,
  statusOf,
  textOf,
} from "../testing/factory.ts";
import { Portal } from "../testing/portal.ts";
import { authorityOf, issue, serialOf } from "./authority.ts";
import { answerCaCerts, answerEnrol, answerReEnrol } from "./est.ts";

const maker = await newMaker();
const codeOf = async (answer: Response) => problem.parse(await answer.json()).code;

const claimed = () => claimedDevice(maker);
type Claimed = Awaited<ReturnType<typeof claimed>>;

const renewal = ({ deviceId }: Pick<Claimed, "deviceId">, keys?: CryptoKeyPair) =>
  requestWith({ ...(keys ? { keys } : {}), name: deviceId, alternative: `urn:uuid:${deviceId}` });

const bearer = { authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` };
describe("what a device asks for", () => {
  it("is certified with our names, not its own, for about 90 days", async () => {
    const { own, deviceId } = await claimed();
    expect(own.certificate.subject).toBe(`CN=${deviceId}`);
    expect(own.certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: "url", value: `urn:uuid:${deviceId}` },
    ]);
    const days = (own.certificate.notAfter.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(80);
    expect(days).toBeLessThanOrEqual(90);
  });

  it("with the same key is the same certificate, also where it asks twice at once", async () => {
    const { factory, request, own } = await claimed();
    const fresh = await requestWith();
    const [again, ...both] = await Promise.all(
      [request, fresh, fresh].map(async (asked) => (await certificateIn(await enrol(factory, asked))).serialNumber),
    );
    expect(again).toBe(own.certificate.serialNumber);
    expect(both[0]).toBe(both[1]);
  });

  it.each([
    ["nothing of the kind", () => Promise.resolve("bm90aGluZw=="), "malformed"],
    [
      "a challenge password",
      () => requestWith({ attributes: [new x509.ChallengePasswordAttribute("tls-unique")] }),
      "challenge-password",
    ],
    [
      "a key on another curve",
      async () =>
        (
          await x509.Pkcs10CertificateRequestGenerator.create({
            name: "CN=x",
            keys: await makeKeys("P-384"),
            signingAlgorithm: { name: "ECDSA", hash: "SHA-384" },
          })
        ).toString("base64"),
      "wrong-key",
    ],
    [
      "somebody else's key",
      async () => {
        const octets = Uint8Array.from(atob(await requestWith()), (letter) => letter.charCodeAt(0));
        const last = octets.length - 1;
        octets[last] = (octets[last] ?? 0) ^ 1;
        return btoa(String.fromCharCode(...octets));
      },
      "no-possession",
    ],
  ])("is refused as %s", async (_, make, code) => {
    const { factory } = await claimed();
    const answer = await enrol(factory, await make());
    expect([answer.status, await codeOf(answer)]).toEqual([400, code]);
  });
});

describe("a factory certificate", () => {
  it("of the same serial number by another maker is another device", async () => {
    const mine = await claimed();
    const other = await (await newMaker()).issue([{ CN: ["WS 301V CM"] }, { "2.5.4.5": [mine.serial] }]);
    expect(await codeOf(await enrol(other, await requestWith()))).toBe("unknown-device");
  });

  it("by nobody we know is nobody's", async () => {
    const stranger: Held = { ...(await claimed()).own };
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=self",
      keys,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    });
    expect((await enrol({ ...stranger, keys, certificate }, await requestWith())).status).toBe(401);
  });

  it("is good for enrolment alone", async () => {
    const { factory } = await claimed();
    expect((await askAs(factory, "/device/configuration")).status).toBe(401);
    expect((await enrol(factory, await requestWith(), "simplereenroll")).status).toBe(403);
  });

  it("counts only by way of the media node's front", async () => {
    const { factory } = await claimed();
    const encoded = factory.certificate.toString("base64").replaceAll(/\s/g, "");
    const headers = { "client-cert": `:${encoded}:`, "content-type": "application/pkcs10" };
    const body = await requestWith();
    const answer = await new Portal().ask("/.well-known/est/simpleenroll", { method: "POST", headers, body });
    expect(answer.status).toBe(401);
  });
});

describe("a maker", () => {
  it("vouches for its own models only, and for a serial number once", async () => {
    const { serial, code } = await maker.device();
    const plate = { model: "WS 301V CM", revision: "AC", code };
    expect((await maker.deliver({ ...plate, serial: "new", model: "IM3" })).status).toBe(403);
    expect((await maker.deliver({ ...plate, serial })).status).toBe(200);
    const { code: another } = await maker.device();
    expect((await maker.deliver({ ...plate, serial, code: another })).status).toBe(409);
  });
});

describe("renewing", () => {
  it("keeps the names, and the old certificate dies when the new one is first used", async () => {
    const device = await claimed();
    expect(await statusOf(device.own.certificate)).toBe("good");
    const next = await certificateIn(await enrol(device.own, await renewal(device), "simplereenroll"));
    expect(await statusOf(device.own.certificate)).toBe("good");
    expect(await statusOf(next)).toBe("good");
    expect(await statusOf(device.own.certificate)).toBe("revoked");
    expect((await enrol(device.own, await renewal(device), "simplereenroll")).status).toBe(403);
  });

  it("ends the old certificate also where both are first shown at the same moment, and nobody else's", async () => {
    const [device, other] = [await claimed(), await claimed()];
    const first = await certificateIn(await enrol(device.own, await renewal(device), "simplereenroll"));
    const second = await certificateIn(await enrol(device.own, await renewal(device), "simplereenroll"));
    const shown = [first, other.own.certificate, second, device.own.certificate];
    expect(await statusesOf(shown)).toEqual(["revoked", "good", "good", "revoked"]);
    expect(await statusesOf(shown)).toEqual(["revoked", "good", "good", "revoked"]);
  });

  it("refuses other names", async () => {
    const device = await claimed();
    const other = await claimed();
    for (const request of [
      await requestWith({ name: "somebody" }),
      await renewal(other),
      await requestWith({ name: device.deviceId, alternative: `urn:uuid:${other.deviceId}` }),
    ]) {
      const answer = await enrol(device.own, request, "simplereenroll");
      expect([answer.status, await codeOf(answer)]).toEqual([400, "changed-subject"]);
    }
  });

  it("gives the same key another certificate once two thirds are over", async () => {
    const device = await claimed();
    const serial = serialOf(device.own.certificate);
    const atAge = async (part: number) => {
      const issuedAt = new Date(Date.now() - part * 90 * 86_400_000);
      const expiresAt = new Date(issuedAt.getTime() + 90 * 86_400_000);
      await connectDb(env).update(certificate).set({ issuedAt, expiresAt }).where(eq(certificate.serial, serial));
      return certificateIn(await enrol(device.own, await renewal(device, device.own.keys), "simplereenroll"));
    };
    expect((await atAge(0.66)).serialNumber).toBe(device.own.certificate.serialNumber);
    const next = await atAge(0.67);
    expect(next.serialNumber).not.toBe(device.own.certificate.serialNumber);
  });

  it("is by the factory certificate where the old one has ended, without a new claim", async () => {
    const device = await claimed();
    const serial = serialOf(device.own.certificate);
    const past = { issuedAt: new Date(Date.now() - 91 * 86_400_000), expiresAt: new Date(Date.now() - 86_400_000) };
    await connectDb(env).update(certificate).set(past).where(eq(certificate.serial, serial));
    expect(await statusOf(device.own.certificate)).toBe("expired");
    const next = await certificateIn(await enrol(device.factory, device.request));
    expect(await statusOf(next)).toBe("good");
  });
});

describe("another authority that issues", () => {
  /** As the worker is bound once another issues, and the one before is succeeded only, or revoked. */
  const boundTo = (how: "succeeded" | "revoked") => ({ ...env, ...inject("replaced")[how] });
  const asked = ({ certificate }: Pick<Held, "certificate">, body: string) =>
    new Request("https://devices.example/.well-known/est/", {
      method: "POST",
      body,
      headers: {
        ...bearer,
        "content-type": "application/pkcs10",
        "client-cert": `:${certificate.toString("base64").replaceAll(/\s/g, "")}:`,
      },
    });
  const before = "CN=Symphony device authority";
  const authoritiesNow = async (how: "succeeded" | "revoked") =>
    [...new x509.X509Certificates((await textOf(await answerCaCerts(boundTo(how)))).replaceAll(/\s/g, ""))].map(
      ({ subject }) => subject,
    );

  it("renews what the one before issued, which counts until then", async () => {
    const device = await claimed();
    const cloud = boundTo("succeeded");
    const same = await certificateIn(await answerEnrol(cloud, asked(device.factory, device.request), Date.now()));
    expect(same.serialNumber).toBe(device.own.certificate.serialNumber);
    const renewed = await certificateIn(
      await answerReEnrol(cloud, asked(device.own, await renewal(device)), Date.now()),
    );
    expect([device.own.certificate.issuer, renewed.issuer]).toEqual([before, `${before} 2`]);
    expect(await authoritiesNow("succeeded")).toEqual(expect.arrayContaining([before, `${before} 2`]));
  });

  it("gives by the factory certificate what a revoked one's does no more, also for the same key", async () => {
    const device = await claimed();
    const cloud = boundTo("revoked");
    expect((await answerReEnrol(cloud, asked(device.own, await renewal(device)), Date.now())).status).toBe(401);
    const next = await certificateIn(await answerEnrol(cloud, asked(device.factory, device.request), Date.now()));
    expect([next.issuer, next.subject]).toEqual([`${before} 2`, `CN=${device.deviceId}`]);
    expect(await authoritiesNow("revoked")).not.toContain(before);
  });
});

describe("revoking", () => {
  it("shows at the next look-up, and in what is asked for every few seconds", async () => {
    const before = Date.now();
    const device = await claimed();
    expect(await statusOf(device.own.certificate)).toBe("good");
    await device.portal.ask(`/api/devices/${device.deviceId}/revoke`, { method: "POST" });
    expect(await statusOf(device.own.certificate)).toBe("revoked");
    expect((await askAs(device.own, "/device/configuration")).status).toBe(401);
    const answer = await new Portal().ask(`/media-node/revocations?since=${before}`, { headers: bearer });
    expect(revocations.parse(await answer.json()).serials).toContain(serialOf(device.own.certificate));
  });

  it.each(["revoke", "release"])("gives no certificate to who had begun to ask before: %s", async (what) => {
    const device = await claimed();
    const [begun, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    const source: UnderlyingSource<Uint8Array> = {
      async pull(controller) {
        begun.resolve();
        controller.enqueue(new TextEncoder().encode(await rest.promise));
        controller.close();
      },
    };
    const request = new Request("https://devices.example/.well-known/est/simpleenroll", {
      method: "POST",
      body: new ReadableStream(source, { highWaterMark: 0 }),
      headers: {
        ...bearer,
        "content-type": "application/pkcs10",
        "client-cert": `:${device.factory.certificate.toString("base64").replaceAll(/\s/g, "")}:`,
      },
    });
    const answer = answerEnrol(env, request, Date.now());
    await begun.promise;
    const taken = await device.portal.ask(`/api/devices/${device.deviceId}/${what}`, { method: "POST" });
    expect(taken.ok).toBe(true);
    rest.resolve(await requestWith());
    expect((await answer).status).toBe(403);
    // Nor is one kept that counts.
    const kept = await connectDb(env).select().from(certificate).where(eq(certificate.deviceId, device.deviceId));
    expect(kept.filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
  });
});

it("says whom to trust, and which keys it certifies", async () => {
  const trusted = await askAs(undefined, "/.well-known/est/cacerts");
  expect(trusted.headers.get("content-type")).toBe("application/pkcs7-mime; smime-type=certs-only");
  const names = [...new x509.X509Certificates((await textOf(trusted)).replaceAll(/\s/g, ""))].map(
    ({ subject }) => subject,
  );
  expect(names).toEqual(["device", "root", "server"].map((one) => `CN=Symphony ${one} authority`));
  expect((await askAs(undefined, "/.well-known/est/csrattrs")).headers.get("content-type")).toBe(
    "application/csrattrs",
  );
});

it("asks a device that nobody has claimed to come again while it still counts as online, and sooner where somebody stands at it", async () => {
  const { factory } = await maker.device();
  const answer = await enrol(factory, await requestWith());
  expect(answer.status).toBe(202);
  const seconds = Number(answer.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds * 1_000).toBeLessThan(onlineTime / 2);

  expect((await askAs(factory, "/device/presence", { method: "POST" })).status).toBe(204);
  const pressed = await enrol(factory, await requestWith());
  expect(Number(pressed.headers.get("retry-after"))).toBeLessThan(seconds);
});

it("certifies for 81 to 90 days, by chance, so that a fleet claimed on one day does not renew on one", async () => {
  const authority = await authorityOf(env);
  const now = Date.now();
  const key = new x509.X509Certificate(env.ISSUING_CERTIFICATE).publicKey;
  const issued = await Promise.all(
    Array.from({ length: 60 }, () =>
      issue(authority, deviceId.parse(crypto.randomUUID()), key, "http://crl.example/part.crl", now),
    ),
  );
  const days = issued.map(({ pem }) => (new x509.X509Certificate(pem).notAfter.getTime() - now) / 86_400_000);
  expect(Math.min(...days)).toBeGreaterThanOrEqual(80.99); // whole seconds
  expect(Math.max(...days)).toBeLessThanOrEqual(90);
  expect(Math.max(...days) - Math.min(...days)).toBeGreaterThan(5);
  expect(new Set(days).size).toBeGreaterThan(50);
});

it("serves the list that a certificate names, to be kept for a minute at most", async () => {
  const { own } = await claimed();
  const points = own.certificate.getExtension("2.5.29.31");
  const [address] = /http:[\x21-\x7e]+\.crl/.exec(new TextDecoder("latin1").decode(points?.value)) ?? [];
  const answer = await askAs(undefined, new URL(address ?? "").pathname);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/pkix-crl"]);
  const [, age] = /max-age=(\d+)/.exec(answer.headers.get("cache-control") ?? "") ?? [];
  expect(Number(age)).toBeLessThanOrEqual(60);
  expect(new x509.X509Crl(await answer.arrayBuffer()).issuer).toBe(own.certificate.issuer);
});
