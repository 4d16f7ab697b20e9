/**
 * Takes mails from the edge by `POST /mails`, keeps them, and sends them on where a mail server is configured.
 * On loopback only. `GET /` is the page for a person, `GET /mails` the same as JSON.
 */
import http from "node:http";
import { mail } from "./mail.ts";
import { mailPage } from "./page.ts";
import type { MailStore, StoredMail } from "./store.ts";

/** Octets. */
const maxBody = 1024 * 1024;

export interface MailServerOptions {
  store: MailStore;
  /** Sees to it that one is sent on; absent without a mail server. */
  send?: (mail: StoredMail) => void;
  arrived: (mail: StoredMail) => void;
}

async function bodyOf(request: http.IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const octets = Buffer.from(chunk);
    size += octets.length;
    if (size > maxBody) return undefined;
    chunks.push(octets);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const loopbackHost = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

export function makeMailServer({ store, send, arrived }: MailServerOptions): http.Server {
  async function take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    // A page elsewhere can make a browser post here, but not with this type.
    if (request.headers["content-type"]?.split(";")[0] !== "application/json") {
      response.writeHead(415).end();
      return;
    }
    const body = await bodyOf(request);
    if (body === undefined) {
      response.writeHead(413, { connection: "close" }).end();
      return;
    }
    const one = mail.safeParse(parsed(body));
    if (!one.success) {
      response.writeHead(400).end("This is no mail.");
      return;
    }
    const kept = store.add(one.data);
    if (kept) {
      // Before it is said to be taken: from then on it is ours to send.
      send?.(kept);
      arrived(kept);
    }
    response.writeHead(202).end();
  }

  return http.createServer({ requestTimeout: 10_000 }, (request, response) => {
    const asked = `${request.method} ${request.url?.split("?")[0]}`;
    // By another name it would be a page elsewhere that made its own name lead here.
    if (!loopbackHost.test(request.headers.host ?? "")) response.writeHead(421).end();
    else if (asked === "POST /mails") take(request, response).catch(() => response.destroy());
    else if (asked === "GET /mails") {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(store.list()));
    } else if (asked === "GET /health") response.writeHead(200).end("ok");
    else if (asked === "GET /") {
      const policy = "default-src 'none'; style-src 'unsafe-inline'";
      const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
      response.writeHead(200, headers).end(mailPage(store.list(), send !== undefined));
    } else response.writeHead(404).end();
  });
}
