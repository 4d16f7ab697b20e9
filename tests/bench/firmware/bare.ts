/** What Node can do at most: one file over TLS, in ranges, and nothing else. */
import { createReadStream, readFileSync, statSync } from "node:fs";
import https from "node:https";
import { pipeline } from "node:stream";
import { z } from "zod";
import { placeOf } from "#core/firmware/range.ts";

const { FILE, TLS_CERTIFICATE, TLS_KEY, PORT } = z
  .object({ FILE: z.string(), TLS_CERTIFICATE: z.string(), TLS_KEY: z.string(), PORT: z.coerce.number() })
  .parse(process.env);
const { size } = statSync(FILE);
https
  .createServer({ cert: readFileSync(TLS_CERTIFICATE), key: readFileSync(TLS_KEY) }, (request, response) => {
    const [, first = "0", last = String(size - 1)] = /(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const place = placeOf({ offset: Number(first), length: Number(last) - Number(first) + 1 }, size);
    if (!place) return void response.writeHead(416).end();
    const { offset: start, length } = place;
    response.writeHead(206, { "content-length": length });
    const file = createReadStream(FILE, { start, end: start + length - 1, highWaterMark: 256 * 1024 });
    pipeline(file, response, () => {});
  })
  .listen(PORT, "127.0.0.1");
