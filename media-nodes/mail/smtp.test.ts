import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { issueServerCertificate, makeAuthority } from "../pki/issue.ts";
import { isRefusedForGood, makeSender } from "./smtp.ts";
import { type MailServer, type MailServerOptions, startMailServer } from "./testing/mail-server.ts";

const mail = { to: "anna@example.com", subject: "Grüße", text: "Open this:\n.\nhttps://door.example/x\n" };
const account = { user: "cloud", password: "a p@ss/word" };
const known = getCACertificates("default");

let server: MailServer | undefined;
afterEach(() => {
  server?.close();
  setDefaultCACertificates(known);
});

/** A mail server whose authority is trusted unless told otherwise, and its host and port. */
async function start(options: Partial<MailServerOptions> & { tls: boolean; trusted?: boolean }): Promise<string> {
  const authority = await makeAuthority("Mail");
  const { certificate: cert, key } = await issueServerCertificate(authority, ["localhost"]);
  if (options.trusted !== false) setDefaultCACertificates([...known, authority.certificate]);
  server = await startMailServer({
    implicit: false,
    ...options,
    ...(options.tls ? { certificate: { cert, key } } : {}),
  });
  return `localhost:${server.port}`;
}
const signedIn = (scheme: string, host: string) =>
  makeSender(
    `${scheme}://${account.user}:${encodeURIComponent(account.password)}@${host}`,
    "Symphony <door@example.com>",
  );

describe("a mail", () => {
  test.each([
    ["smtps", true],
    ["smtp", false],
  ])("leaves by %s, over TLS and signed in", async (scheme, implicit) => {
    const send = signedIn(scheme, await start({ tls: true, implicit, account }));
    await send(mail);
    expect(server?.taken).toMatchObject([{ from: "door@example.com", to: [mail.to], secure: true, user: "cloud" }]);
    expect(server?.taken[0]?.data).toContain("From: Symphony <door@example.com>");
    expect(server?.taken[0]?.data).toContain("Subject: =?UTF-8?");
    expect(server?.taken[0]?.data).toContain("\n.\nhttps://door.example/x");
    expect(server?.saidInTheClear.filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([]);
  });

  test("without a password goes to a server without TLS, as on one's own machine", async () => {
    await makeSender(`smtp://${await start({ tls: false })}`, "door@example.com")(mail);
    expect(server?.taken).toMatchObject([{ to: [mail.to], secure: false }]);
  });

  test("is not sent, nor the password said, where a password would go over the wire in the clear", async () => {
    await expect(signedIn("smtp", await start({ tls: false, account }))(mail)).rejects.toThrow(/STARTTLS|TLS/);
    expect(server?.taken).toEqual([]);
    expect(server?.saidInTheClear.filter((line) => line.startsWith("AUTH"))).toEqual([]);
  });

  test("is refused for good where there is nobody of that name, and not where the mailbox is full or a password is wrong", async () => {
    const refuses = { "nobody@example.com": "550 5.1.1 no such person", "full@example.com": "452 4.2.2 full" };
    const host = await start({ tls: true, account, refuses });
    const refusal = (send: ReturnType<typeof makeSender>, to: string) =>
      send({ ...mail, to }).then(
        () => "taken",
        (error: unknown) => isRefusedForGood(error),
      );
    const send = signedIn("smtp", host);
    expect(await refusal(send, "nobody@example.com")).toBe(true);
    expect(await refusal(send, "full@example.com")).toBe(false);
    expect(await refusal(makeSender(`smtp://cloud:wrong@${host}`, "door@example.com"), mail.to)).toBe(false);
    expect(await refusal(send, mail.to)).toBe("taken");
  });

  test("says at each try that it is the same", async () => {
    const send = makeSender(`smtp://${await start({ tls: false })}`, "Symphony <door@example.com>");
    for (let n = 0; n < 2; n++) await send({ ...mail, id: "7b1f8a52-3f6d-4e0a-9b1c-2d4e6f8a0b1c" });
    for (const { data } of server?.taken ?? [])
      expect(data).toContain("Message-ID: <7b1f8a52-3f6d-4e0a-9b1c-2d4e6f8a0b1c@example.com>");
    expect(server?.taken).toHaveLength(2);
  });

  test("is not sent to a server whose certificate nobody vouches for, nor with a wrong password", async () => {
    const host = await start({ tls: true, implicit: true, account, trusted: false });
    await expect(signedIn("smtps", host)(mail)).rejects.toThrow(/self-signed|unable to (verify|get)/);
    server?.close();
    const other = await start({ tls: true, implicit: true, account: { ...account, password: "another" } });
    await expect(signedIn("smtps", other)(mail)).rejects.toThrow(/535/);
    expect(server?.taken).toEqual([]);
  });
});
