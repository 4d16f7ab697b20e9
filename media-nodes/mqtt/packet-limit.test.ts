import fc from "fast-check";
import { expect, test } from "vitest";
import { limitPackets, PacketTooLarge } from "./packet-limit.ts";

/** PUBLISH with QoS 0 on the topic `t` (MQTT 3.1.1 §3.3): three octets of topic, then the payload. */
function publish(size: number): Buffer {
  const length: number[] = [];
  for (let left = size + 3; left > 0; left = Math.floor(left / 128))
    length.push((left % 128) | (left >= 128 ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length, 0, 1, 0x74]), Buffer.alloc(size)]);
}

/** How many octets pass, and the error where there is one. */
function pass(most: number, chunks: Buffer[]): { octets: number; error?: unknown } {
  const check = limitPackets(most);
  let octets = 0;
  try {
    for (const chunk of chunks) {
      check(chunk);
      octets += chunk.length;
    }
  } catch (error) {
    return { octets, error };
  }
  return { octets };
}

test("packets within the limit pass, however they are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (sizes, cut) => {
      const all = Buffer.concat(sizes.map(publish));
      const chunks = Array.from({ length: Math.ceil(all.length / cut) }, (_, n) =>
        all.subarray(n * cut, (n + 1) * cut),
      );
      expect(pass(1000, chunks)).toEqual({ octets: all.length });
    }),
  );
});

test("a larger one is refused at its header", () => {
  const { octets, error } = pass(1000, [publish(10), publish(1001).subarray(0, 3)]);
  expect(octets).toBe(publish(10).length);
  expect(error).toBeInstanceOf(PacketTooLarge);
});

test("a length that never ends is refused", () => {
  expect(pass(1000, [Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x80])]).error).toBeInstanceOf(PacketTooLarge);
});
