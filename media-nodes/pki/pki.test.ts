/** Checked with OpenSSL, which we did not write. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { authorities } from "../edge/authorities.ts";
import { deviceAuthorityIn, deviceCertificateIn, replaceIssuing } from "./device-authority.ts";
import { factoryCertificateIn, forgetServerAuthorities, rollServerAuthority, serverCertificateIn } from "./folder.ts";
import { issueDeviceCertificate, issueServerCertificate, makeAuthority, validFor } from "./issue.ts";
import { revokeAuthority, rootListIn } from "./root-list.ts";

const folder = () => mkdtempSync(join(tmpdir(), "pki-"));

/** OpenSSL's word on a certificate, with both streams: "OK" or why not. */
function verify(authority: string, certificate: string, ...more: string[]): string {
  const at = folder();
  writeFileSync(join(at, "ca.pem"), authority);
  writeFileSync(join(at, "cert.pem"), certificate);
  try {
    const said = execFileSync(
      "openssl",
      ["verify", "-x509_strict", ...more, "-CAfile", join(at, "ca.pem"), join(at, "cert.pem")],
      { stdio: "pipe" },
    );
    return said.toString().trim().replace(/^.*: /, "");
  } catch (error) {
    return error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  }
}

function text(certificate: string): string {
  return execFileSync("openssl", ["x509", "-noout", "-text"], { input: certificate }).toString();
}

describe("a device's certificate", () => {
  const deviceId = randomUUID();

  test("is one OpenSSL accepts for a client, and no server's", async () => {
    const authority = await makeAuthority("Devices");
    const { certificate } = await issueDeviceCertificate(authority, deviceId);
    expect(verify(authority.certificate, certificate, "-purpose", "sslclient")).toBe("OK");
    expect(verify(authority.certificate, certificate, "-purpose", "sslserver")).toMatch(/purpose/);
  });

  test("names the device twice, and is P-256", async () => {
    const { certificate } = await issueDeviceCertificate(await makeAuthority("Devices"), deviceId);
    expect(text(certificate)).toContain(`Subject: CN = ${deviceId}`);
    expect(text(certificate)).toContain(`URI:urn:uuid:${deviceId}`);
    expect(text(certificate)).toContain("NIST CURVE: P-256");
  });

  test("of another authority of the same name is refused", async () => {
    const authority = await makeAuthority("Devices");
    const { certificate } = await issueDeviceCertificate(await makeAuthority("Devices"), deviceId);
    expect(verify(authority.certificate, certificate)).toMatch(/signature|unable to get local issuer/);
  });

  test("is refused once it has expired", async () => {
    const authority = await makeAuthority("Devices");
    const lastYear = Date.now() - 365 * 24 * 3_600_000;
    const { certificate } = await issueDeviceCertificate(authority, deviceId, validFor(30, lastYear));
    expect(verify(authority.certificate, certificate)).toContain("certificate has expired");
  });

  test("issues no further certificates", async () => {
    const authority = await makeAuthority("Devices");
    const device = await issueDeviceCertificate(authority, deviceId);
    const forged = await issueDeviceCertificate(device, randomUUID());
    expect(verify(authority.certificate + device.certificate, forged.certificate)).toMatch(
      /invalid CA|not.*CA|keyid|issuer/i,
    );
  });
});

describe("a server's certificate", () => {
  test("is good for its names and addresses and for no other", async () => {
    const authority = await makeAuthority("Servers");
    const { certificate } = await issueServerCertificate(authority, ["door.example", "192.0.2.7"]);
    expect(verify(authority.certificate, certificate, "-verify_hostname", "door.example")).toBe("OK");
    expect(verify(authority.certificate, certificate, "-verify_ip", "192.0.2.7")).toBe("OK");
    expect(verify(authority.certificate, certificate, "-verify_hostname", "other.example")).toMatch(
      /hostname mismatch/i,
    );
  });
});

describe("the folder", () => {
  test("keeps what it has from one start to the next", async () => {
    const at = folder();
    const first = await serverCertificateIn(at, ["localhost", "127.0.0.1"]);
    const before = readFileSync(first.certificate, "utf8");
    await serverCertificateIn(at, ["localhost", "127.0.0.1"]);
    expect(readFileSync(first.certificate, "utf8")).toBe(before);
  });

  test("issues the server's certificate anew for other names, from the same authority", async () => {
    const at = folder();
    const { authority } = await serverCertificateIn(at, ["localhost"]);
    const trusted = readFileSync(authority, "utf8");
    const { certificate } = await serverCertificateIn(at, ["door.example"]);
    expect(readFileSync(authority, "utf8")).toBe(trusted);
    expect(verify(trusted, readFileSync(certificate, "utf8"), "-verify_hostname", "door.example")).toBe("OK");
  });

  test("renews a device's certificate before it ends", async () => {
    const at = folder();
    const deviceId = randomUUID();
    const { certificate } = await deviceCertificateIn(at, deviceId);
    const before = readFileSync(certificate, "utf8");
    await deviceCertificateIn(at, deviceId, Date.now() + 720 * 24 * 3_600_000);
    expect(readFileSync(certificate, "utf8")).not.toBe(before);
    const { root, issuing } = await deviceAuthorityIn(at);
    expect(verify(root + issuing.certificate, readFileSync(certificate, "utf8"))).toBe("OK");
  });

  test("keeps the root's key apart, and does without it once it is taken away", async () => {
    const at = folder();
    const made = await deviceAuthorityIn(at);
    expect(verify(made.root, made.issuing.certificate)).toBe("OK");
    rmSync(join(at, "offline"), { recursive: true });
    expect(await deviceAuthorityIn(at)).toEqual(made);
  });

  test("gives a station a factory certificate without an end, that names its serial number", async () => {
    const { certificate } = await factoryCertificateIn(folder(), "one", { serial: "S-0815", model: "WS 301V CM" });
    const said = text(readFileSync(certificate, "utf8"));
    expect(said).toContain("CN = WS 301V CM, serialNumber = S-0815");
    expect(said).toContain("Not After : Dec 31 23:59:59 9999 GMT");
  });

  test("lets nobody else read a key", async () => {
    const { key } = await deviceCertificateIn(folder(), randomUUID());
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });
});

describe("the authority of devices' certificates, replaced", () => {
  const crl = "http://lists.example/crl/root.crl";
  const start = async (at: string) => {
    const { root, issuing, issuers } = await deviceAuthorityIn(at, crl);
    await rootListIn(at);
    return { root, issuers, issuing: issuing.certificate, device: await issueDeviceCertificate(issuing, randomUUID()) };
  };
  /** What OpenSSL says who trusts the root alone, and asks its list for every authority. */
  const judged = (at: string, issuing: string, device: string) => {
    const [authority, list] = [join(at, "untrusted.pem"), join(at, "root-ca.crl")];
    writeFileSync(authority, issuing);
    const root = readFileSync(join(at, "root-ca.pem"), "utf8");
    // Of the device's own certificate another list speaks, which the edge signs.
    const chain = verify(root, issuing, "-crl_check_all", "-CRLfile", list);
    return chain === "OK" ? verify(root, device, "-untrusted", authority) : chain;
  };

  test("leaves what the one before issued as it was", async () => {
    const at = folder();
    const before = await start(at);
    await replaceIssuing(at);
    const after = await start(at);
    expect(after.root).toBe(before.root);
    expect(after.issuers).toEqual([after.issuing, before.issuing]);
    for (const { issuing, device } of [before, after]) expect(judged(at, issuing, device.certificate)).toBe("OK");
    expect(text(after.issuing)).toContain("Subject: CN = Symphony device authority 2");
    expect(text(after.issuing)).toContain(`URI:${crl}`);
    await replaceIssuing(at);
    const third = await start(at);
    expect(third.issuers).toEqual([third.issuing, after.issuing, before.issuing]);
    expect(text(third.issuing)).toContain("Subject: CN = Symphony device authority 3");
  });

  test.each([
    ["first revoked", ["revoke", "replace"]],
    ["revoked afterwards", ["replace", "revoke"]],
  ])("leaves nothing of one that was %s", async (_, steps) => {
    const at = folder();
    const before = await start(at);
    for (const step of steps) await (step === "revoke" ? revokeAuthority(at, before.issuing) : replaceIssuing(at));
    const after = await start(at);
    expect(after.issuers).toEqual([after.issuing]);
    expect(judged(at, before.issuing, before.device.certificate)).toMatch(/certificate revoked/);
    expect(judged(at, after.issuing, after.device.certificate)).toBe("OK");
    // Once the root's key and what lies beside it were taken away, too.
    rmSync(join(at, "offline"), { recursive: true });
    expect((await start(at)).issuers).toEqual([after.issuing]);
    await expect(replaceIssuing(at)).rejects.toThrow("without the root's key");
  });

  test("is missed as long as a revoked one has no successor", async () => {
    const at = folder();
    const { issuing } = await start(at);
    await revokeAuthority(at, issuing);
    await expect(start(at)).rejects.toThrow("Put another in its place");
  });

  test("certifies a station of the gateway anew", async () => {
    const at = folder();
    const id = randomUUID();
    const { certificate } = await deviceCertificateIn(at, id);
    const before = readFileSync(certificate, "utf8");
    await replaceIssuing(at);
    await deviceCertificateIn(at, id);
    expect(readFileSync(certificate, "utf8")).not.toBe(before);
  });
});

describe("the servers' authority, rolled over", () => {
  const names = ["door.example"] as const;
  const start = async (at: string) => {
    const { certificate, authority } = await serverCertificateIn(at, names);
    return { chain: readFileSync(certificate, "utf8"), anchor: readFileSync(authority, "utf8") };
  };
  /** What OpenSSL says who trusts this anchor alone, and is shown the chain and knows these certificates beside. */
  const judged = (anchor: string, chain: string, beside = "") => {
    const path = join(folder(), "beside.pem");
    writeFileSync(path, chain + beside);
    return verify(anchor, chain, "-untrusted", path, "-verify_hostname", "door.example");
  };

  test("is found by who trusts the one before, and one before that, by what the server shows", async () => {
    const at = folder();
    const before = await start(at);
    await rollServerAuthority(at);
    const between = await start(at);
    await rollServerAuthority(at);
    const { chain, anchor } = await start(at);
    for (const one of [before, between, { anchor }]) expect(judged(one.anchor, chain)).toBe("OK");
    expect(new Set([before, between, { anchor }].map((one) => one.anchor)).size).toBe(3);
    const [alone = ""] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(judged(anchor, alone)).toBe("OK");
    expect(judged(before.anchor, alone)).toMatch(/unable to get local issuer/);
  });

  test("is enough for who meets a server of the one before, with what cacerts hands out", async () => {
    const at = folder();
    const before = await start(at);
    await deviceAuthorityIn(at);
    await rootListIn(at);
    await rollServerAuthority(at);
    const { anchor } = await start(at);
    expect(judged(anchor, before.chain, authorities(at).SERVER_AUTHORITY)).toBe("OK");
    expect(judged(anchor, before.chain)).toMatch(/unable to get local issuer/);
  });

  test("is one that nobody finds any more once those before are forgotten", async () => {
    const at = folder();
    const before = await start(at);
    await rollServerAuthority(at);
    forgetServerAuthorities(at);
    const { chain, anchor } = await start(at);
    expect(judged(anchor, chain)).toBe("OK");
    expect(judged(before.anchor, chain)).toMatch(/unable to get local issuer/);
  });

  test("takes its place whole, also where the power failed in between", async () => {
    const [at, rolled] = [folder(), folder()];
    await start(at);
    cpSync(at, rolled, { recursive: true });
    await rollServerAuthority(rolled);
    mkdirSync(join(at, "ready"));
    for (const name of ["server-ca.key", "server-ca-new-with-old.pem", "server-ca-old-with-new.pem"])
      cpSync(join(rolled, name), join(at, name)); // these were in place already
    cpSync(join(rolled, "server-ca.pem"), join(at, "ready", "server-ca.pem"));
    const { chain, anchor } = await start(at);
    expect(anchor).toBe(readFileSync(join(rolled, "server-ca.pem"), "utf8"));
    expect(judged(anchor, chain)).toBe("OK");
  });
});
