/** Before the tests of the routes: a database, and a place where mails end. Runs in Node, beside workerd. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { makeAuthority } from "#media-nodes/pki/issue.ts";
import { startTestDatabase } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    applicationUrl: string;
    doors: string;
    mails: string;
    /** PEM, by the names of the worker's bindings. */
    authorities: Record<string, string>;
  }
}

/** POST keeps a mail, GET ?to= gives those to an address, oldest first. */
function openMailBox() {
  const mails: { to: string }[] = [];
  return createServer(async (request, response) => {
    if (request.method === "POST") {
      let text = "";
      for await (const part of request) text += part;
      mails.push(JSON.parse(text));
      response.end();
      return;
    }
    const to = new URL(request.url ?? "/", "http://mails").searchParams.get("to");
    response.end(JSON.stringify(mails.filter((mail) => mail.to === to)));
  }).listen(0, "127.0.0.1");
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startTestDatabase();
  const mails = openMailBox();
  await new Promise((resolve) => mails.once("listening", resolve));
  project.provide("applicationUrl", database.applicationUrl);
  project.provide("doors", database.doors);
  const root = await makeAuthority("Test root", undefined, { above: 1 });
  const issuing = await makeAuthority("Test devices", undefined, { by: root });
  const servers = await makeAuthority("Test servers");
  project.provide("authorities", {
    ROOT_CERTIFICATE: root.certificate,
    ISSUING_CERTIFICATE: issuing.certificate,
    ISSUING_KEY: issuing.key,
    SERVER_AUTHORITY: servers.certificate,
  });
  project.provide("mails", `http://127.0.0.1:${(mails.address() as AddressInfo).port}/`);
  return async () => {
    mails.close();
    await database.close();
  };
}
