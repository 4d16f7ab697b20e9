/** TUF metadata: for claimed devices, by the certificate they show, and for the publisher. */
import { holdingOf } from "../claiming/est.ts";
import { presented } from "../claiming/presented.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { deliver } from "./deliver.ts";
import { isPublisher } from "./store.ts";

/** Whether who asks may learn of releases. What a device then installs is a matter of signatures, not of this. */
async function maySeeReleases(env: Env, request: Request, now: number): Promise<boolean> {
  if (await isPublisher(env, request)) return true;
  const who = await presented(env, request, now);
  return who?.kind === "operational" && (await holdingOf(env, who, now)) !== undefined;
}

/** GET /firmware/metadata/{file}, over mutual TLS. 401 where no good certificate of ours is shown. */
export async function deliverMetadata(env: Env, file: string, request: Request, now: number): Promise<Response> {
  if (!(await maySeeReleases(env, request, now)))
    return problem(401, "certificate-not-good", "Show a certificate of ours that is good, over TLS.");
  return deliver(env, `metadata/${file}`, request);
}
