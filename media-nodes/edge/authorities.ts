/** The authorities that the worker is bound to, from the folder where they were made (media-nodes/pki/folder.ts). */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** By the names of workers/env.ts. The root's key is not among them. */
export const authorityFiles = {
  ROOT_CERTIFICATE: "root-ca.pem",
  ISSUING_CERTIFICATE: "device-ca.pem",
  ISSUING_KEY: "device-ca.key",
  SERVER_AUTHORITY: "server-ca.pem",
} as const;

/** PEM. */
export const authorities = (pki: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(authorityFiles).map(([name, file]) => [name, readFileSync(join(pki, file), "utf8")]),
  );
