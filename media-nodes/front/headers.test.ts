import { describe, expect, test } from "vitest";
import { headersForEdge, hostAllowed, isSignalling } from "./headers.ts";

const arrival = { address: "::ffff:192.0.2.9", url: "https://door.example/api/me" };

describe("headers for the edge", () => {
  test("nobody outside says who they are or which certificate they hold", () => {
    const headers = headersForEdge(
      {
        "mf-cf-blob": "{}",
        "mf-original-url": "http://evil/",
        "cf-connecting-ip": "1.1.1.1",
        "x-forwarded-for": "1.1.1.1",
      },
      arrival,
    );
    expect(headers).toEqual({ "cf-connecting-ip": "192.0.2.9", "mf-original-url": arrival.url });
  });

  test("what belongs to the connection stays there, named or not", () => {
    const headers = headersForEdge(
      { connection: "keep-alive, X-Secret", "x-secret": "1", "transfer-encoding": "chunked", accept: "text/html" },
      arrival,
    );
    expect(Object.keys(headers)).toEqual(["accept", "cf-connecting-ip", "mf-original-url"]);
  });

  test("cookies and repeated headers go through as they came", () => {
    const headers = headersForEdge({ cookie: "a=1; b=2", "set-cookie": ["x", "y"] }, arrival);
    expect(headers).toMatchObject({ cookie: "a=1; b=2", "set-cookie": ["x", "y"] });
  });
});

describe("the host", () => {
  test.each([
    ["localhost:8080", "http://localhost:8080", true],
    ["LOCALHOST:8080", "http://localhost:8080", true],
    ["127.0.0.1:8080", "http://localhost:8080", false],
    ["localhost", "http://localhost:8080", false],
    ["evil.example:8080", "http://localhost:8080", false],
    [undefined, "http://localhost:8080", false],
    ["door.example", "https://door.example", true],
    ["door.example:443", "https://door.example", true],
    ["door.example:80", "https://door.example", false],
  ])("%s for %s: %s", (host, origin, allowed) => {
    expect(hostAllowed(host, origin)).toBe(allowed);
  });
});

test.each([
  ["/rtc", true],
  ["/rtc?access_token=x", true],
  ["/rtc/v1/validate?x", true],
  ["/rtcx", false],
  ["/twirp/livekit.RoomService/CreateRoom", false],
])("%s is LiveKit's signalling: %s", (path, signalling) => {
  expect(isSignalling(path)).toBe(signalling);
});
