import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { RtpHeader, SrtpSession } from "werift";
import type { RtpPacket } from "./rtp.ts";
import { deriveSessionKeys, estimateIndex, srtpReceiver, srtpSender } from "./srtp.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
// RFC 3711 appendix B.3
const master = hex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");

const packetOf = (sequence: number, payload = Buffer.from("hello")): RtpPacket => ({
  payloadType: 96,
  marker: false,
  sequence,
  timestamp: sequence * 960,
  ssrc: 0x1234,
  payload,
});

describe("SRTP", () => {
  test("derives the session keys of RFC 3711 appendix B.3", () => {
    const keys = deriveSessionKeys(master, [0, 1, 2]);
    expect(keys.key).toEqual(hex("C61E7A93744F39EE10734AFE3FF7A087"));
    expect(keys.salt).toEqual(hex("30CBBC08863D8C85D49DB34A9AE1"));
    expect(keys.auth).toEqual(hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
  });

  test("makes the bytes that other implementations publish for this key and packet", () => {
    const packet = {
      payloadType: 15,
      marker: false,
      sequence: 0x1234,
      timestamp: 0xdecafbad,
      ssrc: 0xcafebabe,
      payload: Buffer.alloc(16, 0xab),
    };
    const expected = hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb");
    expect(srtpSender(master).protect(packet)).toEqual(expected);
    expect(srtpReceiver(master).unprotect(expected)).toMatchObject({ sequence: 0x1234, payload: packet.payload });
  });

  test("understands and is understood by another implementation, over the roll-over", () => {
    const theirs = randomBytes(30);
    const ours = randomBytes(30);
    const keys = {
      localMasterKey: theirs.subarray(0, 16),
      localMasterSalt: theirs.subarray(16),
      remoteMasterKey: ours.subarray(0, 16),
      remoteMasterSalt: ours.subarray(16),
    };
    const other = new SrtpSession({ profile: 1, keys });
    const sender = srtpSender(ours);
    const receiver = srtpReceiver(theirs);
    for (let i = 65_500; i < 65_600; i++) {
      const payload = randomBytes(1 + (i % 200));
      const sequence = i & 0xffff;
      expect(other.decrypt(sender.protect(packetOf(sequence, payload))).subarray(12)).toEqual(payload);
      const header = new RtpHeader({ payloadType: 96, sequenceNumber: sequence, timestamp: 1, ssrc: 9 });
      expect(receiver.unprotect(other.encrypt(payload, header))).toMatchObject({ sequence, payload });
    }
  });

  test("refuses a replayed packet", () => {
    const sent = srtpSender(master).protect(packetOf(100));
    const receiver = srtpReceiver(master);
    expect(receiver.unprotect(Buffer.from(sent))).toMatchObject({ sequence: 100 });
    expect(receiver.unprotect(Buffer.from(sent))).toBe("replayed");
  });

  test("takes reordered packets once, and refuses those older than the window", () => {
    const sender = srtpSender(master);
    const sent = Array.from({ length: 600 }, (_, i) => sender.protect(packetOf(1000 + i)));
    const take = (i: number) => receiver.unprotect(Buffer.from(sent[i] ?? Buffer.alloc(0)));
    const receiver = srtpReceiver(master);
    expect(take(0)).toMatchObject({ sequence: 1000 });
    expect(take(599)).toMatchObject({ sequence: 1599 });
    expect(take(598)).toMatchObject({ sequence: 1598 });
    expect(take(598)).toBe("replayed");
    expect(take(100)).toBe("too-old");
  });

  test("refuses a packet under another key, a changed header and a changed payload", () => {
    const sent = srtpSender(master).protect(packetOf(7));
    expect(srtpReceiver(randomBytes(30)).unprotect(Buffer.from(sent))).toBe("unauthentic");
    for (const at of [1, 5, 13, sent.length - 1]) {
      const forged = Buffer.from(sent);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(srtpReceiver(master).unprotect(forged)).toBe("unauthentic");
    }
  });

  test("is not moved by a forged packet: the next genuine one is taken", () => {
    const sender = srtpSender(master);
    const receiver = srtpReceiver(master);
    receiver.unprotect(sender.protect(packetOf(10)));
    const forged = sender.protect(packetOf(11));
    forged.writeUInt16BE(30_000, 2);
    expect(receiver.unprotect(forged)).toBe("unauthentic");
    expect(receiver.unprotect(sender.protect(packetOf(12)))).toMatchObject({ sequence: 12 });
  });

  test("bounds the sources one key may open", () => {
    const sender = srtpSender(master);
    const receiver = srtpReceiver(master);
    const results = Array.from({ length: 40 }, (_, ssrc) =>
      receiver.unprotect(sender.protect({ ...packetOf(1), ssrc })),
    );
    expect(results.filter((result) => result === "too-many-sources")).toHaveLength(8);
  });

  test.each([
    [65_535, 0, 65_536],
    [65_536, 65_535, 65_535],
    [10, 65_530, -6],
    [3 * 65_536 + 40_000, 100, 4 * 65_536 + 100],
  ])("from index %i takes sequence %i for index %i", (highest, sequence, index) => {
    expect(estimateIndex(highest, sequence)).toBe(index);
  });
});

describe("SRTCP", () => {
  const rtcp = hex("81c90007 00001234 00005678 00000000 00000001 00000002 00000003 00000004");

  test("goes through, and refuses a repeat and another key", () => {
    const sent = srtpSender(master).protectRtcp(rtcp);
    const receiver = srtpReceiver(master);
    expect(receiver.unprotectRtcp(sent)).toEqual(rtcp);
    expect(receiver.unprotectRtcp(sent)).toBe("replayed");
    expect(srtpReceiver(randomBytes(30)).unprotectRtcp(sent)).toBe("unauthentic");
  });

  test("must be encrypted", () => {
    const sent = srtpSender(master).protectRtcp(rtcp);
    const at = sent.length - 14;
    sent[at] = (sent[at] ?? 0) & 0x7f;
    expect(srtpReceiver(master).unprotectRtcp(sent)).toBe("malformed");
  });
});
