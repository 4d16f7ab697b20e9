/** What EST says of requests before they are made. */
import { objectIdentifier, sequence, value } from "#core/certificate/der.ts";
import { base64 } from "./certs-only.ts";

/** GET csrattrs: which keys we certify, and how a request is to be signed (§4.5.2). */
export async function answerCsrAttributes(): Promise<Response> {
  const curve = sequence(
    objectIdentifier("1.2.840.10045.2.1"),
    value(0x31, objectIdentifier("1.2.840.10045.3.1.7")), // an EC key, on P-256
  );
  const ecdsaWithSha256 = objectIdentifier("1.2.840.10045.4.3.2");
  return new Response(`${base64(sequence(curve, ecdsaWithSha256))}\n`, {
    headers: { "content-type": "application/csrattrs", "content-transfer-encoding": "base64" },
  });
}
