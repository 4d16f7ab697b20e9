import { expect, it } from "vitest";
import { pagePolicy } from "./portal-files.ts";

const PUBLIC_ORIGIN = "https://door.example:8443";
const reached = (LIVEKIT_URL: string) =>
  /connect-src ([^;]*)/.exec(pagePolicy({ PUBLIC_ORIGIN, LIVEKIT_URL }))?.[1]?.split(" ");

it("lets pages reach their own origin, and LiveKit where that is elsewhere", () => {
  expect(reached("wss://door.example:8443")).toEqual(["'self'"]);
  expect(reached("wss://sfu.example/path?x=1")).toEqual(["'self'", "wss://sfu.example", "https://sfu.example"]);
  expect(reached("ws://127.0.0.1:7880")).toEqual(["'self'", "ws://127.0.0.1:7880", "http://127.0.0.1:7880"]);
});
