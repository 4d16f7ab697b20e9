/** The station's requests to the cloud over mutual TLS, each with the certificate it is for. */
import { request as httpsRequest } from "node:https";
import type { Credentials } from "./kept-identity.ts";

export interface CloudHttps {
  host: string;
  port: number;
}

export interface Asked {
  method: "GET" | "POST" | "PUT";
  path: string;
  credentials?: Credentials;
  /** PEM: whom to trust. */
  anchors: string;
  body?: { type: string; text: string | Uint8Array; encoding?: "base64" };
}

export interface Answered {
  status: number;
  /** Seconds. */
  retryAfter: number | undefined;
  /** When the cloud answered, by its clock. Milliseconds since the epoch. */
  date: number | undefined;
  text: string;
}

const patience = 15_000;
/** Bytes of an answer. */
const largest = 256 * 1024;

/** Asks once, on a connection of its own. Rejects where the cloud can't be reached or is not whom we trust. */
export function askCloud({ host, port }: CloudHttps, asked: Asked): Promise<Answered> {
  const { credentials, body } = asked;
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host,
      port,
      method: asked.method,
      path: asked.path,
      agent: false,
      minVersion: "TLSv1.2",
      ca: asked.anchors,
      ...(credentials ? { cert: credentials.certificate, key: credentials.key } : {}),
      signal: AbortSignal.timeout(patience),
      headers: body
        ? {
            "content-type": body.type,
            "content-length": Buffer.byteLength(body.text),
            ...(body.encoding ? { "content-transfer-encoding": body.encoding } : {}),
          }
        : {},
    });
    request.once("error", reject);
    request.once("response", async (response) => {
      try {
        let text = "";
        for await (const part of response.setEncoding("utf8")) {
          text += part;
          if (text.length > largest) throw new Error("the answer is too large");
        }
        const after = Number(response.headers["retry-after"]);
        const date = Date.parse(response.headers.date ?? "");
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: after > 0 ? after : undefined,
          date: Number.isNaN(date) ? undefined : date,
          text,
        });
      } catch (error) {
        reject(error);
      }
    });
    request.end(body?.text);
  });
}
