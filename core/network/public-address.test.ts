/** Which addresses count as public: both ends of every block of IANA's registries, and what lies beside them. */
import { describe, expect, test } from "vitest";
import { isPublicAddress, namesPrivateAddress } from "./public-address.ts";

describe("not public", () => {
  test.each([
    ["this network", "0.0.0.0", "0.255.255.255"],
    ["private, 10/8", "10.0.0.0", "10.255.255.255"],
    ["behind a provider's translation", "100.64.0.0", "100.127.255.255"],
    ["loopback", "127.0.0.1", "127.255.255.255"],
    ["link-local", "169.254.0.0", "169.254.169.254"],
    ["private, 172.16/12", "172.16.0.0", "172.31.255.255"],
    ["protocol assignments", "192.0.0.0", "192.0.0.255"],
    ["documentation, 1", "192.0.2.0", "192.0.2.255"],
    ["relays of 6to4", "192.88.99.0", "192.88.99.255"],
    ["private, 192.168/16", "192.168.0.0", "192.168.255.255"],
    ["benchmarks", "198.18.0.0", "198.19.255.255"],
    ["documentation, 2", "198.51.100.0", "198.51.100.255"],
    ["documentation, 3", "203.0.113.0", "203.0.113.255"],
    ["multicast", "224.0.0.0", "239.255.255.255"],
    ["reserved", "240.0.0.0", "255.255.255.254"],
    ["broadcast", "255.255.255.255", "255.255.255.255"],
    ["unspecified", "::", "0:0:0:0:0:0:0:0"],
    ["loopback, IPv6", "::1", "0:0:0:0:0:0:0:1"],
    ["mapped, of a private address", "::ffff:10.0.0.1", "::ffff:7f00:1"],
    ["mapped at all", "::ffff:8.8.8.8", "::FFFF:808:808"],
    ["compatible", "::8.8.8.8", "::ffff:0:8.8.8.8"],
    ["NAT64 of a private address", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"],
    ["NAT64, for local use", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
    ["discard only", "100::", "100::ffff:ffff:ffff:ffff"],
    ["protocol assignments, IPv6", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1"],
    ["ORCHIDv2 and benchmarks", "2001:20::1", "2001:2::1"],
    ["documentation, IPv6", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["documentation, 3fff::/20", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["6to4 of a private address", "2002:a00:1::1", "2002:c0a8:1::"],
    ["6to4 of loopback", "2002:7f00:1::", "2002:7fff:ffff::1"],
    ["segment routing", "5f00::1", "5f00:ffff::1"],
    ["unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["link-local, IPv6", "fe80::1", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["with a zone", "fe80::1%eth0", "2a00::1%1"],
    ["site-local", "fec0::1", "feff:ffff::1"],
    ["multicast, IPv6", "ff02::1", "ff0e::1"],
    ["unassigned", "4000::1", "1fff:ffff::1"],
    ["no address", "", "camera.example"],
    ["no address either", "1.2.3", "1.2.3.256"],
    ["in brackets, or more than an address", "[2a00::1]", "2a00::1]/x"],
  ])("%s: %s, %s", (_name, first, last) => {
    expect([first, last].filter(isPublicAddress)).toEqual([]);
  });
});

test.each([
  ["beside 0/8 and 10/8", "1.0.0.0", "9.255.255.255", "11.0.0.0"],
  ["beside 100.64/10", "100.63.255.255", "100.128.0.0", "99.64.0.1"],
  ["beside 127/8", "126.255.255.255", "128.0.0.0", "128.127.0.1"],
  ["beside 169.254/16", "169.253.255.255", "169.255.0.0", "168.254.0.1"],
  ["beside 172.16/12", "172.15.255.255", "172.32.0.0", "173.16.0.1"],
  ["beside 192.0.0/24, 192.0.2/24", "191.255.255.255", "192.0.1.0", "192.0.3.0"],
  ["beside 192.88.99/24, 192.168/16", "192.88.98.255", "192.167.255.255", "192.169.0.0"],
  ["beside 198.18/15, 198.51.100/24", "198.17.255.255", "198.20.0.0", "198.51.101.0"],
  ["beside 203.0.113/24, 224/4", "203.0.112.255", "203.0.114.0", "223.255.255.255"],
  ["IPv6", "2001:200::1", "2a00:1450:4001:80b::200e", "3ffe:ffff::1"],
  ["beside the documentation's", "2001:db7:ffff::1", "2001:db9::1", "3fff:1000::1"],
  ["6to4 and NAT64 of public addresses", "2002:808:808::1", "64:ff9b::8.8.8.8", "64:ff9b::808:808"],
])("public: %s", (_name, ...addresses) => {
  expect(addresses.filter((one) => !isPublicAddress(one))).toEqual([]);
});

test("of a URL an address is judged in whatever notation, and a name is not", () => {
  const named = [
    "192.168.1.9",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "[::1]",
    "[fd00::7]",
    "[::ffff:8.8.8.8]",
  ];
  for (const host of named)
    for (const url of [`rtsp://${host}/yard`, `RTSPS://${host}:8554/yard?a=b`])
      expect([url, namesPrivateAddress(url)]).toEqual([url, true]);
  for (const host of ["camera.example", "localhost", "8.8.8.8", "[2a00::1]", "134744072", "10.example"])
    expect([host, namesPrivateAddress(`rtsps://${host}:322/yard`)]).toEqual([host, false]);
});
