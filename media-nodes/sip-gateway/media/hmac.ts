/**
 * HMAC-SHA-1 (RFC 2104) for the tags of SRTP. For packets of sound, setting up OpenSSL costs more than hashing: here the
 * state after each pad is kept and a packet takes a handful of compressions. Larger packets go to OpenSSL.
 */
import { createHmac, createSecretKey } from "node:crypto";

/** From this size on OpenSSL is quicker. Bytes. */
const large = 500;

const schedule = new Int32Array(80);
const tail = new Uint8Array(128);
const state = new Int32Array(5);

/** One SHA-1 compression (FIPS 180-4 §6.1.2) of the 64 bytes at `at` into `state`. */
function compress(state: Int32Array, data: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0, j = at; i < 16; i++, j += 4)
    w[i] = ((data[j] ?? 0) << 24) | ((data[j + 1] ?? 0) << 16) | ((data[j + 2] ?? 0) << 8) | (data[j + 3] ?? 0);
  for (let i = 16; i < 80; i++) {
    const x = (w[i - 3] ?? 0) ^ (w[i - 8] ?? 0) ^ (w[i - 14] ?? 0) ^ (w[i - 16] ?? 0);
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  // Four loops, since a choice in each of 80 rounds costs as much as the round.
  for (let i = 0; i < 20; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + 0x5a827999 + e + (w[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0x6ed9eba1 + e + (w[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc + e + (w[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0xca62c1d6 + e + (w[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = ((state[0] ?? 0) + a) | 0;
  state[1] = ((state[1] ?? 0) + b) | 0;
  state[2] = ((state[2] ?? 0) + c) | 0;
  state[3] = ((state[3] ?? 0) + d) | 0;
  state[4] = ((state[4] ?? 0) + e) | 0;
}

const initial = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

function padded(key: Buffer, pad: number): Int32Array {
  const block = new Uint8Array(64).fill(pad);
  key.forEach((byte, i) => {
    block[i] = byte ^ pad;
  });
  const after = Int32Array.from(initial);
  compress(after, block, 0);
  return after;
}

/** Hashes what follows the pad, and writes the digest into `out`. */
function finish(start: Int32Array, data: Uint8Array, out: Uint8Array): void {
  state.set(start);
  let at = 0;
  for (; at + 64 <= data.length; at += 64) compress(state, data, at);
  const rest = data.length - at;
  const blocks = rest < 56 ? 64 : 128;
  tail.fill(0);
  for (let i = 0; i < rest; i++) tail[i] = data[at + i] ?? 0;
  tail[rest] = 0x80;
  const bits = (64 + data.length) * 8;
  tail[blocks - 4] = bits >>> 24;
  tail[blocks - 3] = bits >>> 16;
  tail[blocks - 2] = bits >>> 8;
  tail[blocks - 1] = bits;
  for (let i = 0; i < blocks; i += 64) compress(state, tail, i);
  for (let i = 0; i < 5; i++) {
    const word = state[i] ?? 0;
    out[4 * i] = word >>> 24;
    out[4 * i + 1] = word >>> 16;
    out[4 * i + 2] = word >>> 8;
    out[4 * i + 3] = word;
  }
}

/** @param key of at most 64 bytes. The digest a call returns is valid until the next call. */
export function hmacSha1(key: Buffer): (data: Uint8Array) => Uint8Array {
  const native = createSecretKey(key);
  const inner = padded(key, 0x36);
  const outer = padded(key, 0x5c);
  const digest = new Uint8Array(20);
  const result = new Uint8Array(20);
  return (data) => {
    if (data.length >= large) return createHmac("sha1", native).update(data).digest();
    finish(inner, data, digest);
    finish(outer, digest, result);
    return result;
  };
}
