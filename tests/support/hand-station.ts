/** A door station whose every step a test takes itself: registered over TLS, with media legs of the test's making. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deviceCertificateIn } from "#media-nodes/pki/device-authority.ts";
import { type LegEvents, type MediaLeg, offerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import { portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import type { CallDialog } from "#media-nodes/sip-gateway/sip/call-dialog.ts";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import type { IncomingCall } from "#media-nodes/sip-gateway/sip/incoming-call.ts";
import { connectTls } from "#media-nodes/sip-gateway/sip/transport.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import { type GatewayWorld, newDevice } from "./gateway-world.ts";

/** A press under way: what came of it so far, and what comes. */
export interface HandPress {
  leg: MediaLeg;
  answered: Promise<CallDialog>;
  refused: Promise<{ status: number; reason: string }>;
}

/** Connects and registers. Its media ports are the 80 from `firstPort` on. */
export async function startHandStation(
  world: GatewayWorld,
  firstPort: number,
  onCall: (call: IncomingCall) => void = (call) => call.reject(486),
) {
  const device = newDevice();
  const files = await deviceCertificateIn(join(world.folder, "pki"), device);
  const flow = await connectTls({
    host: "127.0.0.1",
    port: world.sipPort,
    certificate: readFileSync(files.certificate, "utf8"),
    key: readFileSync(files.key, "utf8"),
    serverAuthority: readFileSync(join(world.folder, "pki", "server-ca.pem"), "utf8"),
    pingEvery: 20_000,
  });
  const contact = `<sip:${device}@127.0.0.1:${flow.local.port};transport=tls>`;
  const own = `<sip:${device}@127.0.0.1>`;
  const userAgent = createUserAgent({
    clock: systemClock,
    contact: () => contact,
    sentBy: "hand.invalid",
    onCall,
    onError(error) {
      throw error;
    },
  });
  userAgent.attach(flow);
  const headers = [
    ["contact", `${contact};+sip.instance="<urn:uuid:${device}>";reg-id=1;expires=120`],
    ["supported", "outbound"],
  ] as const;
  await userAgent.request(flow, { method: "REGISTER", uri: "sip:127.0.0.1", from: own, to: own, headers });
  await world.edge.told("registered", ({ deviceId }) => deviceId === device);
  const ports = portPool(firstPort, firstPort + 79);

  /** Sockets, keys and an offer of its own. */
  const newMedia = (events: LegEvents = {}, video = false) =>
    offerLeg({ video }, { address: "127.0.0.1", ports, events });

  async function press(events: LegEvents = {}): Promise<HandPress> {
    const leg = await newMedia(events);
    const answered = Promise.withResolvers<CallDialog>();
    const refused = Promise.withResolvers<{ status: number; reason: string }>();
    const to = "sip:reception@127.0.0.1";
    const call = userAgent.call(flow, { uri: to, from: own, to: `<${to}>`, sdp: leg.localSdp });
    call.onProgress((_status, sdp) => sdp !== undefined && leg.setAnswer(sdp));
    call.onAnswer(({ dialog }) => answered.resolve(dialog));
    call.onFailure((status, reason) => refused.resolve({ status, reason }));
    return { leg, answered: answered.promise, refused: refused.promise };
  }

  return { device, newMedia, press, leave: () => flow.close("shut-down") };
}
