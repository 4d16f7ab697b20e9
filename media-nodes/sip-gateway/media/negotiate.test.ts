import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { agree } from "./negotiate.ts";
import { type MediaKind, mediaKinds } from "./rtp.ts";
import { parseSdp } from "./sdp.ts";

const key = randomBytes(30).toString("base64");
const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`;
const audio = ["m=audio 4000 RTP/SAVP 96 101", "a=rtpmap:96 opus/48000/2", "a=rtpmap:101 telephone-event/8000"];
const video = [
  "m=video 4002 RTP/SAVP 97 98",
  "a=rtpmap:97 H264/90000",
  "a=fmtp:97 packetization-mode=0;profile-level-id=42801f",
];
const better = [
  "a=rtpmap:98 H264/90000",
  "a=fmtp:98 packetization-mode=1;profile-level-id=42e01f;sprop-parameter-sets=Z0LgHw==,aM4G",
];

const sdp = (...lines: string[]) =>
  ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", ...lines, ""].join("\r\n");

function agreed(text: string, kinds: readonly MediaKind[] = ["audio", "video"]) {
  const parsed = parseSdp(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return agree(parsed.sdp, kinds);
}

test("Opus and the H.264 variant that browsers like best are taken", () => {
  const result = agreed(sdp(...audio, crypto, "a=sendonly", ...video, ...better, crypto));
  expect(result).toMatchObject({
    ok: true,
    media: [
      { kind: "audio", port: 4000, rtcpPort: 4001, direction: "recvonly", dtmf: [{ payloadType: 101 }] },
      {
        kind: "video",
        codec: { payloadType: 98 },
        packetizationMode: 1,
        parameterSets: [Buffer.from("Z0LgHw==", "base64"), Buffer.from("aM4G", "base64")],
      },
    ],
  });
});

test.each([
  ["media in the clear", sdp("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2")],
  ["SRTP without a key", sdp(...audio)],
  ["a suite with a short tag alone", sdp(...audio, `a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${key}`)],
  ["a key of the wrong length", sdp(...audio, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA")],
  ["a key with an MKI", sdp(...audio, `${crypto}|2^20|1:4`)],
  ["a key for unencrypted SRTP", sdp(...audio, `${crypto} UNENCRYPTED_SRTP`)],
  ["no audio", sdp(...video, crypto)],
  ["no codec of ours", sdp("m=audio 4000 RTP/SAVP 0", "a=rtpmap:0 PCMU/8000", crypto)],
])("%s is refused", (_what, text) => {
  expect(agreed(text).ok).toBe(false);
});

test("video that can't be taken leaves the sound", () => {
  const result = agreed(sdp(...audio, crypto, "m=video 4002 RTP/SAVP 99", "a=rtpmap:99 VP8/90000", crypto));
  expect(result).toMatchObject({ ok: true, media: [{ kind: "audio" }] });
});

test("a second picture is taken where two are wanted, and left out where one is", () => {
  const both = sdp(...audio, crypto, ...video, crypto, ...video, crypto, "a=sendonly");
  const second = { kind: "video-2", index: 2, direction: "recvonly" };
  expect(agreed(both, mediaKinds)).toMatchObject({ media: [{ kind: "audio" }, { kind: "video", index: 1 }, second] });
  expect(agreed(both)).toMatchObject({ media: [{ kind: "audio" }, { kind: "video", index: 1 }] });
});

test.each([
  ["no version", sdp().slice(5)],
  ["a line that is none", sdp("nonsense")],
  ["a name for an address", sdp(...audio).replace("c=IN IP4 192.0.2.1", "c=IN IP4 example.org")],
  ["a multicast address", sdp(...audio).replace("c=IN IP4 192.0.2.1", "c=IN IP4 239.0.0.1")],
  ["a port beyond 65535", sdp("m=audio 70000 RTP/SAVP 96")],
  ["too many lines", sdp(...Array.from({ length: 400 }, () => "a=x"))],
  ["too many bytes", sdp(`a=${"x".repeat(20_000)}`)],
  ["too many media", sdp(...Array.from({ length: 9 }, () => "m=audio 0 RTP/SAVP 0"))],
])("a description with %s does not parse", (_what, text) => {
  expect(parseSdp(text).ok).toBe(false);
});

test("a lifetime behind the key is understood", () => {
  expect(agreed(sdp(...audio, `${crypto}|2^31`)).ok).toBe(true);
});
