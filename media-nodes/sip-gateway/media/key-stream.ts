/**
 * The key stream of AES counter mode as SRTP uses it (RFC 3711 §4.1.1), from one long-lived AES-ECB cipher over the counter
 * blocks, which is the same function (NIST SP 800-38A §6.5). A call into OpenSSL costs more than the AES of many packets of
 * sound: so the stream is made for the next few packets at once.
 */
import { type Cipheriv, createCipheriv } from "node:crypto";

export type KeyStream = {
  /** XORs `data` with the key stream of packet `index` from `ssrc` into `target` at `at`. 64 kB at most. */
  apply(ssrc: number, index: number, data: Buffer, target: Buffer, at: number): void;
};

/** AES-128 on single blocks, without padding. */
export function blockCipher(key: Buffer): Cipheriv {
  const cipher = createCipheriv("aes-128-ecb", key, null);
  cipher.setAutoPadding(false);
  return cipher;
}

/** Packets prepared at once, while they are small: 20 blocks are 320 bytes, more than a packet of speech. */
const ahead = 8;
const smallBlocks = 20;

/** Counter blocks, shared by all streams: filled and used within one call. */
const counters = Buffer.alloc(0x10000 + 16);
const words = new DataView(counters.buffer, counters.byteOffset, counters.length);

/** @param salt of 14 bytes: IV = (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16) */
export function keyStream(key: Buffer, salt: Buffer): KeyStream {
  const cipher = blockCipher(key);
  const salts = [salt.readUInt32BE(0), salt.readUInt32BE(4), salt.readUInt32BE(8), salt.readUInt16BE(12)] as const;
  let source = -1;
  let first = 0;
  let packets = 0;
  let blocks = 0;
  let made = Buffer.alloc(0);

  function make(ssrc: number, index: number, needed: number): void {
    source = ssrc;
    first = index;
    [packets, blocks] = needed <= smallBlocks ? [ahead, smallBlocks] : [1, needed];
    let at = 0;
    for (let packet = index; packet < index + packets; packet++) {
      const word1 = salts[1] ^ ssrc;
      const word2 = salts[2] ^ Math.floor(packet / 0x10000);
      const high = (salts[3] ^ (packet & 0xffff)) << 16;
      for (let i = 0; i < blocks; i++, at += 16) {
        words.setInt32(at, salts[0]);
        words.setInt32(at + 4, word1);
        words.setInt32(at + 8, word2);
        words.setInt32(at + 12, high | i);
      }
    }
    made = cipher.update(counters.subarray(0, at));
  }

  return {
    apply(ssrc, index, data, target, at) {
      const { length } = data;
      const needed = (length + 15) >> 4;
      if (ssrc !== source || index < first || index >= first + packets || needed > blocks) make(ssrc, index, needed);
      const start = (index - first) * blocks * 16;
      for (let i = 0; i < length; i++) target[at + i] = (data[i] ?? 0) ^ (made[start + i] ?? 0);
    },
  };
}
