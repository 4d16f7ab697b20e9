/** The SIP side of the played cloud: the platform's own SIP, registrar and media, and what is to be said of a device that calls. */
import { once } from "node:events";
import { fromStation, stationContentType, type ToStation } from "#core/messages/station.ts";
import { portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import type { Flow } from "#media-nodes/sip-gateway/sip/flow.ts";
import { type Header, header, type SipRequest, tokens } from "#media-nodes/sip-gateway/sip/message.ts";
import type { OutgoingCall } from "#media-nodes/sip-gateway/sip/outgoing-call.ts";
import { createRegistrar, type Registration } from "#media-nodes/sip-gateway/sip/registrar.ts";
import type { ResponseContent } from "#media-nodes/sip-gateway/sip/serialise.ts";
import { listenTls } from "#media-nodes/sip-gateway/sip/transport.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import type { Admission } from "./admission.ts";
import type { Played } from "./played.ts";

const refusals: readonly [RegExp, string][] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, "It comes to SIP without a client certificate."],
  [
    /UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF|SELF_SIGNED|CERT_SIGNATURE/,
    "It comes to SIP with a certificate that is not its own of ours: its factory certificate is for its enrolment alone.",
  ],
  [/names no device/, "It comes to SIP with a certificate that names no device."],
];

export interface PlayedGateway {
  readonly registration: Registration | undefined;
  readonly mediaPorts: ReturnType<typeof portPool>;
  /** A door command. Resolves with the status of the device's answer; rejects where none comes. */
  command(command: ToStation): Promise<number>;
  /** Whether it answers a sign of life. */
  isThere(): Promise<boolean>;
  /** Calls the device. */
  call(sdp: string, headers?: readonly Header[]): OutgoingCall | undefined;
  /** Ends the device's connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function playGateway(played: Played, admission: Admission): Promise<PlayedGateway> {
  const { addresses, authorities, judge, seen, deviceId } = played;
  let registration: Registration | undefined;
  const flows = new Set<Flow>();

  const registrar = createRegistrar({
    clock: systemClock,
    onRegistered(made) {
      registration = made;
      seen.tell({ what: "registered", registration: made });
    },
    onUnregistered(gone) {
      if (registration === gone) registration = undefined;
    },
  });

  function register(request: SipRequest, flow: Flow): ResponseContent {
    const answer = registrar.register(request, flow);
    if (answer.status === 403)
      judge.wrong("calls", `It registers as "${request.to.uri.user ?? ""}", which is not its device id.`);
    else if (answer.status >= 300)
      judge.wrong("calls", `Its registration is refused: ${answer.reason ?? answer.status}.`);
    else {
      judge.judge(
        "calls",
        tokens(request, "supported").includes("outbound") && /;\s*reg-id=/i.test(header(request, "contact") ?? ""),
        "It registers with RFC 5626: outbound, and a reg-id.",
        "It registers without RFC 5626: Supported: outbound and a reg-id in its Contact are missing.",
      );
    }
    return answer;
  }

  function told(request: SipRequest): ResponseContent {
    if (header(request, "content-type")?.split(";")[0]?.trim().toLowerCase() !== stationContentType)
      return { status: 415, headers: [["accept", stationContentType]] };
    const message = readTold(request.body);
    if (message) seen.tell({ what: "told", message });
    else judge.wrong("calls", "It sends a SIP MESSAGE that is not in the protocol.");
    return message ? { status: 200 } : { status: 400, reason: "Malformed Report" };
  }

  const userAgent = createUserAgent({
    clock: systemClock,
    contact: () => `<sip:gateway@${addresses.host}:${addresses.sip};transport=tls>`,
    sentBy: `${addresses.host}:${addresses.sip}`,
    onCall: (call) => seen.tell({ what: "pressed", call }),
    onRegister: register,
    onMessage: told,
    onError: () => undefined,
  });
  const server = await listenTls({
    host: addresses.bind,
    port: addresses.sip,
    certificate: played.certificate,
    key: played.key,
    deviceAuthority: [authorities.issuing.certificate, authorities.root],
    admission,
    onFlow(flow) {
      flows.add(flow);
      flow.onEnd(() => flows.delete(flow));
      userAgent.attach(flow);
      flow.onMessage((message) => message.kind === "response" && seen.tell({ what: "responded", response: message }));
    },
    onRefused({ reason }) {
      const [, sentence] = refusals.find(([known]) => known.test(reason)) ?? [];
      if (sentence) judge.wrong("calls", sentence);
    },
  });
  const portal = `<sip:portal@${addresses.host}>`;
  const device = `<sip:${deviceId}@${addresses.host}>`;

  return {
    get registration() {
      return registration;
    },
    mediaPorts: portPool(addresses.media, addresses.media + 19),
    async command(command) {
      if (!registration) throw new Error("it is not registered");
      const { status } = await userAgent.request(registration.flow, {
        method: "MESSAGE",
        uri: registration.contact,
        from: portal,
        to: device,
        contentType: stationContentType,
        body: JSON.stringify(command),
      });
      return status;
    },
    async isThere() {
      if (!registration) return false;
      const asked = { method: "OPTIONS", uri: registration.contact, from: portal, to: device } as const;
      return userAgent.request(registration.flow, asked).then(
        () => true,
        () => false,
      );
    },
    call: (sdp, headers = []) =>
      registration &&
      userAgent.call(registration.flow, { uri: registration.contact, from: portal, to: device, sdp, headers }),
    cut() {
      for (const flow of flows) flow.close("shut-down");
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const flow of flows) flow.close("shut-down");
      await closed;
    },
  };
}

function readTold(body: string) {
  try {
    return fromStation.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
