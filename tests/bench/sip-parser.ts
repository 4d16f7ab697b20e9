/**
 * How many INVITEs a second the SIP parser reads on one core, and what of that the stream's framing costs.
 * Run: node tests/bench/sip-parser.ts. Ends with 1 where the parser alone is below 50,000 a second.
 */
import { createFramer } from "#media-nodes/sip-gateway/sip/framing.ts";
import { parse } from "#media-nodes/sip-gateway/sip/parse.ts";

const expected = 50_000;

/** An INVITE as a door station sends it: SDES-SRTP audio and H.264 video. */
const sdp = [
  "v=0",
  "o=- 2890844526 2890844526 IN IP4 192.0.2.7",
  "s=-",
  "c=IN IP4 192.0.2.7",
  "t=0 0",
  "m=audio 10000 RTP/SAVP 96 101",
  "a=rtpmap:96 opus/48000/2",
  "a=fmtp:96 stereo=0;useinbandfec=1",
  "a=rtpmap:101 telephone-event/48000",
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c29tZSBrZXkgbWF0ZXJpYWwgZm9yIGEgYmVuY2htYXJr",
  "a=sendrecv",
  "m=video 10002 RTP/SAVP 97",
  "a=rtpmap:97 H264/90000",
  "a=fmtp:97 packetization-mode=1;profile-level-id=42e01f",
  "a=sendrecv",
  "",
].join("\r\n");
const invite = [
  "INVITE sip:reception@gateway.example:5061;transport=tls SIP/2.0",
  "Via: SIP/2.0/TLS 192.0.2.7:41442;branch=z9hG4bK63af1ee0d4a7a4dc;rport",
  "Contact: <sip:4f7d3f0e-52c1-4c0f-9a43-0d2f3a6b7c81@192.0.2.7:41442;transport=tls>",
  "Max-Forwards: 70",
  "To: <sip:reception@gateway.example:5061;transport=tls>",
  'From: "Main entrance" <sip:4f7d3f0e-52c1-4c0f-9a43-0d2f3a6b7c81@gateway.example:5061;transport=tls>;tag=5f3dbb8aef34a90c',
  "Call-ID: 6ef1e01f5b4c9c04",
  "CSeq: 14012 INVITE",
  "User-Agent: baresip v1.0.0 (x86_64/linux)",
  "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,SUBSCRIBE,INFO,MESSAGE,REFER",
  "Supported: gruu,outbound,timer",
  "Content-Type: application/sdp",
  `Content-Length: ${sdp.length}`,
  "",
  sdp,
].join("\r\n");

/**
 * Runs `work` after a warm-up; times a second of processor time. The best of ten rounds: what other programs do to the
 * caches meanwhile is not the parser's.
 */
function rate(work: () => void): number {
  for (let i = 0; i < 20_000; i++) work();
  const rounds = Array.from({ length: 10 }, () => {
    let count = 0;
    let spent = 0;
    for (const start = process.cpuUsage(); spent < 300_000; count += 500) {
      for (let i = 0; i < 500; i++) work();
      const { user, system } = process.cpuUsage(start);
      spent = user + system;
    }
    return count / (spent / 1e6);
  });
  return Math.max(...rounds);
}

/** Each differs from the one before, so that no cache of the engine's answers for the parser. */
const texts = Array.from({ length: 1_000 }, (_, index) =>
  invite
    .replace("63af1ee0d4a7a4dc", `63af1ee0d4a7${1000 + index}`)
    .replace("6ef1e01f5b4c9c04", `6ef1e01f5b4c${1000 + index}`),
);
const streams = texts.map((text) => Buffer.from(text, "latin1"));
let next = 0;
const framer = createFramer({
  message: (text) => void parse(text),
  ping: () => {},
  pong: () => {},
  broken: (status) => {
    throw new Error(`refused with ${status}`);
  },
});

const parsed = rate(() => {
  if (!parse(texts[next++ % 1_000] ?? "").ok) throw new Error("refused");
});
const framed = rate(() => framer.push(streams[next++ % 1_000] ?? Buffer.alloc(0)));
const figure = (value: number) => Math.round(value).toLocaleString("en");
console.log(
  `parser alone         ${figure(parsed)} INVITE/s (${(parsed / expected).toFixed(1)} × the ${figure(expected)} expected)`,
);
console.log(`framing and parser   ${figure(framed)} INVITE/s (${(framed / parsed).toFixed(2)} × the parser alone)`);
if (parsed < expected) process.exitCode = 1;
