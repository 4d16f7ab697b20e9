/** The SIP layer alone, answering every call at once, in a process of its own whose processor time is asked for. */
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import { createRegistrar } from "#media-nodes/sip-gateway/sip/registrar.ts";
import { listenTls } from "#media-nodes/sip-gateway/sip/transport.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import { type ToPart, tellParent } from "./parts.ts";

const answer = [
  "v=0",
  "o=- 1 1 IN IP4 192.0.2.1",
  "s=-",
  "c=IN IP4 192.0.2.1",
  "t=0 0",
  "m=audio 20000 RTP/SAVP 96",
  "a=rtpmap:96 opus/48000/2",
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
  "m=video 20002 RTP/SAVP 97",
  "a=rtpmap:97 H264/90000",
  "",
].join("\r\n");

async function start({ server, deviceAuthority }: Extract<ToPart, { type: "listen" }>): Promise<void> {
  const registrar = createRegistrar({ clock: systemClock, onRegistered: () => {}, onUnregistered: () => {} });
  const userAgent = createUserAgent({
    clock: systemClock,
    contact: () => "<sip:gateway@127.0.0.1;transport=tls>",
    sentBy: "127.0.0.1",
    onCall(call) {
      call.ringing();
      call.progress(answer);
      void call.answer(answer);
    },
    onRegister: registrar.register,
    onError: (error) => console.error(error),
    most: 100_000,
  });
  const listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    certificate: server.certificate,
    key: server.key,
    deviceAuthority,
    admission: { admit: async () => true, hold: () => () => undefined },
    // All that SIPp does comes over one connection.
    allowance: { burst: 100_000, perSecond: 100_000 },
    onFlow: (flow) => userAgent.attach(flow),
    onRefused: ({ reason }) => console.error(`refused: ${reason}`),
  });
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  tellParent({ type: "listening", port: address.port });
}

process.on("message", (message: ToPart) => {
  if (message.type === "listen") void start(message);
  else if (message.type === "usage") {
    const { user, system } = process.cpuUsage();
    tellParent({
      type: "usage",
      seconds: (user + system) / 1e6,
      megabytes: process.memoryUsage().rss / 2 ** 20,
    });
  }
});
