/** Whom every listener lets in that devices reach, after another authority took its place. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { deviceAuthorityIn, replaceIssuing } from "../pki/device-authority.ts";
import { serverCertificateIn } from "../pki/folder.ts";
import { type Certified, issueDeviceCertificate } from "../pki/issue.ts";
import { revokeAuthority, rootListIn } from "../pki/root-list.ts";
import { deviceOn, deviceTls, issuedByOneOf } from "./device-tls.ts";

let server: Server;
afterEach(() => server.close());

/** Whether a listener lets the device in, as it starts now. */
async function letsIn(pki: string, device: Certified): Promise<boolean> {
  const { root, issuers } = await deviceAuthorityIn(pki);
  const deviceAuthority = [...issuers, root];
  const files = await serverCertificateIn(pki, ["localhost"]);
  const own = { certificate: readFileSync(files.certificate), key: readFileSync(files.key) };
  server = createServer({ ...deviceTls({ ...own, deviceAuthority }), rejectUnauthorized: true });
  await once(server.listen(0, "localhost"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const verdict = Promise.withResolvers<boolean>();
  server.once("secureConnection", (socket) =>
    verdict.resolve(deviceOn(socket, issuedByOneOf(deviceAuthority)) !== undefined),
  );
  server.once("tlsClientError", () => verdict.resolve(false));
  const client = connect({
    host: "localhost",
    port,
    ca: readFileSync(files.authority),
    cert: device.certificate,
    key: device.key,
  });
  client.on("error", () => undefined);
  const letIn = await verdict.promise;
  client.destroy();
  server.close();
  return letIn;
}

test("a device of the authority before is let in until that one is revoked, and then not with all that leads to the root", async () => {
  const pki = temporaryFolder("device-tls");
  const { root, issuing: before } = await deviceAuthorityIn(pki);
  await rootListIn(pki);
  const old = await issueDeviceCertificate(before, randomUUID());
  await replaceIssuing(pki);
  const now = await deviceAuthorityIn(pki);
  const fresh = await issueDeviceCertificate(now.issuing, randomUUID());
  for (const device of [old, fresh]) expect(await letsIn(pki, device)).toBe(true);

  await revokeAuthority(pki, before.certificate);
  const withAll = { ...old, certificate: old.certificate + before.certificate + root };
  for (const device of [old, withAll]) expect(await letsIn(pki, device)).toBe(false);
  expect(await letsIn(pki, { ...fresh, certificate: fresh.certificate + now.issuing.certificate + root })).toBe(true);
});
