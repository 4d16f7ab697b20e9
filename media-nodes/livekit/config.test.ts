import { expect, test } from "vitest";
import { isRightVersion } from "./build.ts";
import { liveKitConfig, liveKitSettings } from "./config.ts";

const secret = "x".repeat(32);
const settings = (more: Record<string, string> = {}) =>
  liveKitSettings.parse({ LIVEKIT_API_KEY: "key", LIVEKIT_API_SECRET: secret, ...more });

test("nobody's join makes a room, and no public STUN server is named", () => {
  const config = liveKitConfig(settings());
  expect(config.room.auto_create).toBe(false);
  expect(config.rtc.stun_servers).toEqual([]);
  expect(config.turn).toMatchObject({
    enabled: true,
    udp_port: 3478,
    relay_range_start: 49991,
    relay_range_end: 49999,
  });
});

test("signalling stays on loopback, media has one UDP port and no TCP port", () => {
  const config = liveKitConfig(settings({ PUBLIC_ADDRESS: "192.0.2.7", LIVEKIT_UDP_PORT: "5000" }));
  expect(config.bind_addresses).toEqual(["127.0.0.1"]);
  expect(config.rtc).toMatchObject({
    udp_port: 5000,
    tcp_port: 0,
    node_ip: "192.0.2.7",
    enable_loopback_candidate: false,
    ips: { includes: ["192.0.2.7/32"] },
  });
});

test("behind address translation every interface serves, and the public address is named", () => {
  const config = liveKitConfig(settings({ PUBLIC_ADDRESS: "192.0.2.7", BIND_ADDRESS: "0.0.0.0" }));
  expect(config.rtc).not.toHaveProperty("ips");
  expect(config.rtc.node_ip).toBe("192.0.2.7");
  expect(config.turn.bind_addresses).toEqual(["0.0.0.0"]);
});

test.each([
  ["a short secret", { LIVEKIT_API_SECRET: "short" }],
  ["a port that is none", { LIVEKIT_PORT: "70000" }],
  ["a name for an address", { PUBLIC_ADDRESS: "example.org" }],
  ["a range that is none", { TURN_PORTS: "all" }],
])("%s stops the start", (_what, more) => {
  expect(() => settings(more)).toThrow();
});

test("a server of another minor version is not taken from the PATH", () => {
  expect(isRightVersion("livekit-server version 1.13.5")).toBe(true);
  expect(isRightVersion("livekit-server version 1.12.0")).toBe(false);
  expect(isRightVersion("something else")).toBe(false);
});
