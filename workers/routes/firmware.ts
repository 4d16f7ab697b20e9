/** Releases: delivered to devices, stored by their publisher. */
import { z } from "@hono/zod-openapi";
import { imageName, metadataFile } from "#core/firmware/addresses.ts";
import { sha256 } from "#core/firmware/release.ts";
import { deliver } from "../firmware/deliver.ts";
import { deliverMetadata } from "../firmware/metadata.ts";
import { beginUpload, dropUpload, endUpload, storeFile, storePart, uploadedParts } from "../firmware/store.ts";
import { openRoute, type Route } from "../http/route.ts";

const ofMetadata = z.object({ file: metadataFile });
const ofTarget = z.object({ model: z.string(), revision: z.string(), file: z.string() });
const ofImage = z.object({ image: sha256 });
const ofUpload = z.object({ image: sha256, upload: z.string().max(2048) });
const ofPart = ofUpload.extend({ part: z.coerce.number().int().min(1).max(1000) });
const nameOfTarget = ({ model, revision, file }: z.infer<typeof ofTarget>) => `targets/${model}/${revision}/${file}`;

export const firmwareRoutes: Route[] = [
  openRoute(
    "get",
    "/firmware/metadata/{file}",
    "certificate",
    { summary: "TUF metadata of the published releases", params: ofMetadata },
    ({ env, request, params, now }) => deliverMetadata(env, params.file, request, now),
  ),
  openRoute(
    "get",
    "/firmware/targets/{model}/{revision}/{file}",
    "public",
    { summary: "A release's packet manifest, by its hash", params: ofTarget },
    ({ env, request, params }) => deliver(env, nameOfTarget(params), request),
  ),
  openRoute(
    "get",
    "/firmware/images/{image}",
    "public",
    { summary: "An image or a range of it, by its hash", params: ofImage },
    ({ env, request, params }) => deliver(env, imageName(params.image), request),
  ),
  openRoute(
    "put",
    "/firmware/metadata/{file}",
    "bearer",
    { summary: "Publish TUF metadata", params: ofMetadata },
    ({ env, request, params }) => storeFile(env, `metadata/${params.file}`, request),
  ),
  openRoute(
    "put",
    "/firmware/targets/{model}/{revision}/{file}",
    "bearer",
    { summary: "Publish a packet manifest", params: ofTarget },
    ({ env, request, params }) => storeFile(env, nameOfTarget(params), request),
  ),
  openRoute(
    "post",
    "/firmware/images/{image}/uploads",
    "bearer",
    { summary: "Begin to publish an image in parts", params: ofImage },
    ({ env, request, params }) => beginUpload(env, params.image, request),
  ),
  openRoute(
    "put",
    "/firmware/images/{image}/uploads/{upload}/{part}",
    "bearer",
    { summary: "A part of an image, of 8 MiB but for the last", params: ofPart },
    ({ env, request, params }) => storePart(env, params.image, params.upload, params.part, request),
  ),
  openRoute(
    "post",
    "/firmware/images/{image}/uploads/{upload}",
    "bearer",
    { summary: "The image is whole", params: ofUpload, takes: uploadedParts },
    ({ env, request, params, body }) => endUpload(env, params.image, params.upload, body, request),
  ),
  openRoute(
    "delete",
    "/firmware/images/{image}/uploads/{upload}",
    "bearer",
    { summary: "The image will not be published", params: ofUpload },
    ({ env, request, params }) => dropUpload(env, params.image, params.upload, request),
  ),
];
