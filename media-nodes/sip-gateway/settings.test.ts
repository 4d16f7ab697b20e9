import { describe, expect, it } from "vitest";
import { readSettings, SettingError } from "./settings.ts";

const needed = {
  MEDIA_NODE_TOKEN: "a token of this node",
  LIVEKIT_API_KEY: "key",
  LIVEKIT_API_SECRET: "a long enough secret",
};

describe("the gateway's settings", () => {
  it("have defaults for all but the secrets", () => {
    expect(readSettings(needed)).toMatchObject({
      edgeUrl: "http://127.0.0.1:8787",
      sipPort: 5061,
      srtpPorts: { first: 10_000, last: 39_999 },
      roomPorts: { first: 40_000, last: 49_989 },
      bindAddress: "127.0.0.1",
    });
  });

  it("listen at the public address unless told otherwise", () => {
    expect(readSettings({ ...needed, PUBLIC_ADDRESS: "192.0.2.7" }).bindAddress).toBe("192.0.2.7");
    expect(readSettings({ ...needed, PUBLIC_ADDRESS: "192.0.2.7", BIND_ADDRESS: "0.0.0.0" }).bindAddress).toBe(
      "0.0.0.0",
    );
  });

  it.each([
    [{ ...needed, SIP_PORT: "many" }, /SIP_PORT/],
    [{ ...needed, SRTP_PORTS: "9-1" }, /SRTP_PORTS can't be used: is two ports/],
    [{ ...needed, EDGE_URL: "ftp://edge" }, /EDGE_URL/],
    [{ ...needed, NODE_NAME: "east/2" }, /NODE_NAME can't be used: is 1 to 64 letters/],
    [{ ...needed, LIVEKIT_API_KEY: "" }, /LIVEKIT_API_KEY/],
  ])("stop the start with a sentence that names the variable", (environment, words) => {
    expect(() => readSettings(environment)).toThrow(SettingError);
    expect(() => readSettings(environment)).toThrow(words);
  });

  it("never say a secret's value", () => {
    expect(() => readSettings({ ...needed, MEDIA_NODE_TOKEN: "hush" })).toThrow(/^(?!.*hush).*MEDIA_NODE_TOKEN/);
  });
});
