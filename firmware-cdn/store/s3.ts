/** Any S3: R2, MinIO, AWS. Credentials come from the environment, as the AWS SDK reads them. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { isImmutable } from "#core/firmware/addresses.ts";
import { type ObjectStore, TakenError } from "./store.ts";

export interface S3Options {
  /** Absent: AWS itself. */
  endpoint?: string;
  region: string;
  bucket: string;
}

const statusOf = (error: unknown) => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

/** Undefined where it is not there. */
const unlessAbsent = (error: unknown): undefined => {
  if (statusOf(error) !== 404) throw error;
};

export function s3Store({ endpoint, region, bucket: Bucket }: S3Options): ObjectStore {
  const client = new S3Client({ region, endpoint, forcePathStyle: endpoint !== undefined });
  const described = (name: string) => ({
    Bucket,
    Key: name,
    ContentType: name.endsWith(".json") ? "application/json" : "application/octet-stream",
    CacheControl: isImmutable(name) ? "public, max-age=31536000, immutable, no-transform" : "no-cache",
  });

  const put = (name: string, Body: Uint8Array, condition: { IfMatch: string } | { IfNoneMatch: "*" }) =>
    client.send(new PutObjectCommand({ ...described(name), Body, ...condition })).then(
      () => undefined,
      (error: unknown) => {
        if (statusOf(error) === 412 || statusOf(error) === 409) throw new TakenError(name);
        throw error;
      },
    );

  /** The parts of a publisher that was killed lie there unseen, and are paid for, until somebody ends that upload. */
  async function dropUnfinished(name: string): Promise<void> {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: name }));
    for (const { Key, UploadId } of Uploads)
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }

  return {
    async read(name) {
      const found = await client.send(new GetObjectCommand({ Bucket, Key: name })).catch(unlessAbsent);
      if (!found?.Body) return undefined;
      return { octets: new Uint8Array(await found.Body.transformToByteArray()), etag: found.ETag ?? "" };
    },
    create: (name, octets) => put(name, octets, { IfNoneMatch: "*" }),
    replace: (name, octets, etag) => put(name, octets, { IfMatch: etag }),
    async sizeOf(name) {
      const found = await client.send(new HeadObjectCommand({ Bucket, Key: name })).catch(unlessAbsent);
      return found?.ContentLength;
    },
    async upload(name, _size, parts, onPart) {
      await dropUnfinished(name);
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(described(name)));
      const upload = { Bucket, Key: name, UploadId };
      try {
        const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
        let sent = 0;
        for await (const Body of parts) {
          const PartNumber = Parts.length + 1;
          const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
          Parts.push({ PartNumber, ETag });
          sent += Body.length;
          onPart(sent);
        }
        await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      } catch (error) {
        await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
        throw error;
      }
    },
  };
}
