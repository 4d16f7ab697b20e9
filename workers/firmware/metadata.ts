/** TUF metadata: for the publisher, and for devices of ours. */
import type { Env } from "../env.ts";
import { deliver } from "./deliver.ts";

/**
 * Whether who asks may see what is published. The identity of a device comes with mutual TLS; until the edge knows it, anyone may:
 * metadata is signed and holds no secret, so this bounds who learns of releases and not what a device installs.
 */
export async function maySeeReleases(_env: Env, _request: Request): Promise<boolean> {
  return true;
}

/** GET /firmware/metadata/{file} */
export async function deliverMetadata(env: Env, file: string, request: Request): Promise<Response> {
  if (!(await maySeeReleases(env, request))) return new Response(null, { status: 403 });
  return deliver(env, `metadata/${file}`, request);
}
