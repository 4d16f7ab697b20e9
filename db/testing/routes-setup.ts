/** Before the tests of the routes: a database, and a place where mails end. Runs in Node, beside workerd. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { authorities } from "#media-nodes/edge/authorities.ts";
import { deviceAuthorityIn, replaceIssuing } from "#media-nodes/pki/device-authority.ts";
import { authorityIn } from "#media-nodes/pki/folder.ts";
import { revokeAuthority, rootListIn } from "#media-nodes/pki/root-list.ts";
import { startTestDatabase } from "./database.ts";
import type {} from "./routes-context.ts";

/** POST keeps a mail, unless it is to who is `?refused=`; GET ?to= gives those to an address, oldest first. */
function openMailBox() {
  const mails: { to: string }[] = [];
  return createServer(async (request, response) => {
    const asked = new URL(request.url ?? "/", "http://mails").searchParams;
    if (request.method === "POST") {
      let text = "";
      for await (const part of request) text += part;
      const mail = JSON.parse(text);
      if (asked.getAll("refused").includes(mail.to)) response.writeHead(503);
      else mails.push(mail);
      response.end();
      return;
    }
    const to = asked.get("to");
    response.end(JSON.stringify(mails.filter((mail) => mail.to === to)));
  }).listen(0, "127.0.0.1");
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startTestDatabase();
  const mails = openMailBox();
  await new Promise((resolve) => mails.once("listening", resolve));
  project.provide("applicationUrl", database.applicationUrl);
  project.provide("doors", database.doors);
  const pki = mkdtempSync(join(tmpdir(), "authorities-"));
  await deviceAuthorityIn(pki);
  await rootListIn(pki);
  await authorityIn(pki, "server-ca");
  project.provide("authorities", authorities(pki));
  await replaceIssuing(pki);
  const succeeded = authorities(pki);
  await revokeAuthority(pki, readFileSync(join(pki, "device-ca-before.pem"), "utf8"));
  project.provide("replaced", { succeeded, revoked: authorities(pki) });
  project.provide("mails", `http://127.0.0.1:${(mails.address() as AddressInfo).port}/`);
  return async () => {
    mails.close();
    rmSync(pki, { recursive: true });
    await database.close();
  };
}
