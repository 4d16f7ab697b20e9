import { createHmac, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { hmacSha1 } from "./hmac.ts";

test("gives what OpenSSL gives, for every length up to two packets and keys of 20 bytes", () => {
  for (let length = 0; length < 700; length++) {
    const key = randomBytes(20);
    const data = randomBytes(length);
    const expected = createHmac("sha1", key).update(data).digest("hex");
    expect(Buffer.from(hmacSha1(key)(data)).toString("hex")).toBe(expected);
  }
});
