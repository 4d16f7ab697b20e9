/**
 * Takes what is published, for whoever has the publisher's token: small files whole, images in parts. Nothing that is named by its
 * contents or its version is ever written over.
 */
import { z } from "zod";
import { imageName, isImmutable, isName } from "#core/firmware/addresses.ts";
import { largestManifest } from "#core/firmware/manifest.ts";
import type { Sha256 } from "#core/firmware/release.ts";
import type { Env } from "../env.ts";
import { shows } from "../http/bearer.ts";
import { readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { log } from "../log.ts";

/** Octets of one part. */
const largestPart = 8 * 1024 * 1024;

export const uploadedParts = z.object({
  parts: z.array(z.object({ partNumber: z.number().int().min(1), etag: z.string().max(256) })).max(1000),
});

/** Whether the publisher asks. */
export const isPublisher = (env: Env, request: Request): Promise<boolean> => shows(request, env.FIRMWARE_TOKEN);

const notPublisher = () => problem(401, "bad-token", "This is not the publisher's token.");
const taken = () => problem(412, "taken", "Something else is there meanwhile.");

/** PUT, with `If-None-Match: *` for what is new and `If-Match` for the timestamp. 204, 401, 404, 412 or 413. */
export async function storeFile(env: Env, name: string, request: Request): Promise<Response> {
  if (!(await isPublisher(env, request))) return notPublisher();
  if (!isName(name)) return problem(404, "no-such-name", "Nothing has such a name.");
  const octets = await readAtMost(request, largestManifest);
  if (!octets) return problem(413, "too-large", "At most 2 MiB are taken here.");
  const was = request.headers.get("if-match")?.replaceAll('"', "");
  if (was !== undefined && isImmutable(name)) return taken();
  const stored = await env.FIRMWARE.put(name, octets, {
    onlyIf: was === undefined ? { etagDoesNotMatch: "*" } : { etagMatches: was },
  });
  if (!stored) return taken();
  log("firmware file stored", { name, octets: octets.length });
  return new Response(null, { status: 204 });
}

/** POST …/uploads: begins to take an image. */
export async function beginUpload(env: Env, image: Sha256, request: Request): Promise<Response> {
  if (!(await isPublisher(env, request))) return notPublisher();
  const { uploadId } = await env.FIRMWARE.createMultipartUpload(imageName(image));
  return Response.json({ upload: uploadId });
}

const resumed = (env: Env, image: Sha256, upload: string) =>
  env.FIRMWARE.resumeMultipartUpload(imageName(image), upload);

/** PUT …/uploads/{upload}/{part} */
export async function storePart(
  env: Env,
  image: Sha256,
  upload: string,
  part: number,
  request: Request,
): Promise<Response> {
  if (!(await isPublisher(env, request))) return notPublisher();
  const octets = await readAtMost(request, largestPart);
  if (!octets) return problem(413, "too-large", "A part is at most 8 MiB.");
  const { etag } = await resumed(env, image, upload).uploadPart(part, octets);
  return Response.json({ etag });
}

/** POST …/uploads/{upload}: the image is whole. */
export async function endUpload(
  env: Env,
  image: Sha256,
  upload: string,
  { parts }: z.infer<typeof uploadedParts>,
  request: Request,
): Promise<Response> {
  if (!(await isPublisher(env, request))) return notPublisher();
  const { size } = await resumed(env, image, upload).complete(parts);
  log("firmware image stored", { image, size });
  return new Response(null, { status: 204 });
}

/** DELETE …/uploads/{upload}: it will not be. */
export async function dropUpload(env: Env, image: Sha256, upload: string, request: Request): Promise<Response> {
  if (!(await isPublisher(env, request))) return notPublisher();
  await resumed(env, image, upload).abort();
  return new Response(null, { status: 204 });
}
