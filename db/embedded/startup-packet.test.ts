import { expect, it } from "vitest";
import { errorResponse, readFirstMessage } from "./startup-packet.ts";

function message(code: number, words: string[] = []): Buffer {
  const body = Buffer.from(words.length > 0 ? `${words.join("\0")}\0\0` : "", "utf8");
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, body]);
}
const startup = message(196_608, ["user", "symphony_app", "database", "symphony"]);

it("reads who comes and to which database", () => {
  expect(readFirstMessage(startup)).toEqual({ kind: "startup", user: "symphony_app", database: "symphony" });
  expect(readFirstMessage(message(196_608, ["user", "postgres"]))).toEqual({
    kind: "startup",
    user: "postgres",
    database: "postgres",
  });
});

it("waits for the rest of a message that came in pieces", () => {
  for (let length = 0; length < startup.length; length++) {
    expect(readFirstMessage(startup.subarray(0, length))).toEqual({ kind: "incomplete" });
  }
});

it("knows a question for encryption, with what follows it", () => {
  expect(readFirstMessage(Buffer.concat([message(80_877_103), startup]))).toEqual({ kind: "encryption", length: 8 });
});

it("refuses other programs, other versions, cancel requests, replication and endless messages", () => {
  const refused = [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    message(131_072, ["user", "symphony_app"]),
    message(80_877_102),
    message(196_608, ["user", "symphony_app", "replication", "true"]),
    Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]),
  ];
  for (const octets of refused) expect(readFirstMessage(octets).kind).toBe("refused");
});

it("refuses in Postgres's own form", () => {
  const response = errorResponse("28000", "no");
  expect(response.toString("latin1", 0, 1)).toBe("E");
  expect(response.readInt32BE(1)).toBe(response.length - 1);
  expect(response.toString("utf8", 5)).toBe("SFATAL\0VFATAL\0C28000\0Mno\0\0");
});
