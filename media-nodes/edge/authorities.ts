/** The authorities that the worker is bound to, from the folder where they were made (media-nodes/pki/folder.ts). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By the names of workers/env.ts; the first file of each is always there. The root's key is not among them. */
export const authorityFiles = {
  ROOT_CERTIFICATE: ["root-ca.pem"],
  ROOT_LIST: ["root-ca.crl"],
  ISSUING_CERTIFICATE: ["device-ca.pem", "device-ca-before.pem"],
  ISSUING_KEY: ["device-ca.key", "device-ca-before.key"],
  SERVER_AUTHORITY: ["server-ca.pem", "server-ca-new-with-old.pem", "server-ca-old-with-new.pem"],
} as const satisfies Record<string, readonly string[]>;

/** PEM. */
export const authorities = (pki: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(authorityFiles).map(([name, [first, ...more]]) => [
      name,
      [first, ...more.filter((file) => existsSync(join(pki, file)))]
        .map((file) => readFileSync(join(pki, file), "utf8"))
        .join(""),
    ]),
  );
