/**
 * The SIP gateway: stations call in over SIP and TLS, their calls go on into rooms, the edge decides. It is put together
 * here and nowhere else; what each part does is in its own file.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { deviceId as deviceIdSchema } from "#core/messages/values.ts";
import { deviceAuthorityIn } from "../pki/device-authority.ts";
import { serverCertificateIn } from "../pki/folder.ts";
import { newAdmission } from "../tls/admission.ts";
import type { SnapshotTarget } from "./call.ts";
import { openTracer } from "./call-trace.ts";
import { newCalls } from "./calls.ts";
import { newDoorCommands } from "./commands.ts";
import { type EdgeLink, openEdgeLink } from "./edge-link.ts";
import { serveHealth } from "./health.ts";
import { portPool } from "./media/ports.ts";
import { keepDecoderWarm } from "./media/snapshot/snapshot.ts";
import { warmUp } from "./room/peer.ts";
import { liveKitRooms } from "./room/rooms.ts";
import { type GatewaySettings, readSettings, SettingError } from "./settings.ts";
import { systemClock } from "./sip/clock.ts";
import { createRegistrar, type Registration, type UnregisterReason } from "./sip/registrar.ts";
import { listenTls } from "./sip/transport.ts";
import { createUserAgent } from "./sip/user-agent.ts";
import { certifyVirtualStation } from "./virtual-certificate.ts";
import { newVirtualStations } from "./virtual-stations.ts";

/** How long storing a picture may take, in milliseconds. */
const snapshotTime = 5_000;

async function putSnapshot({ url, token, traceparent }: SnapshotTarget, jpeg: Buffer): Promise<void> {
  const response = await fetch(url, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "image/jpeg",
      ...(traceparent ? { traceparent } : {}),
    },
    body: new Uint8Array(jpeg),
    signal: AbortSignal.timeout(snapshotTime),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the edge answered ${response.status} to a snapshot`);
}

/** Starts every part. Resolves when stations can connect; the returned function ends everything. */
export async function startGateway(settings: GatewaySettings, log = pino({ level: settings.logLevel })) {
  const { pkiFolder, publicHost } = settings;
  // The first call must not wait for what only the first call would load.
  await warmUp();
  keepDecoderWarm();
  const files = await serverCertificateIn(pkiFolder, certificateNames(settings));
  const { root, issuers } = await deviceAuthorityIn(pkiFolder);
  const admission = newAdmission({ edgeUrl: settings.edgeUrl, token: settings.mediaNodeToken, log });
  const srtpPorts = portPool(settings.srtpPorts.first, settings.srtpPorts.last);
  const rooms = liveKitRooms({ ...settings.liveKit, url: settings.liveKit.url.replace(/^ws/, "http") });

  let link: EdgeLink | undefined;
  const say: EdgeLink["send"] = (message) => link?.send(message);

  const registrar = createRegistrar({
    clock: systemClock,
    onRegistered(registration) {
      const device = deviceIdSchema.safeParse(registration.deviceId);
      if (!device.success) return;
      log.info({ event: "registered", ...about(registration) }, "registered");
      say({ type: "registered", deviceId: device.data, at: Date.now() });
    },
    onUnregistered(registration, reason: UnregisterReason) {
      const device = deviceIdSchema.safeParse(registration.deviceId);
      if (!device.success) return;
      log.info({ event: "unregistered", reason, ...about(registration) }, "unregistered");
      commands.forget(registration.deviceId);
      say({ type: "unregistered", deviceId: device.data, at: Date.now(), reason });
    },
  });

  const userAgent = createUserAgent({
    clock: systemClock,
    contact: () => `<sip:gateway@${settings.publicAddress}:${settings.sipPort};transport=tls>`,
    sentBy: `${settings.publicAddress}:${settings.sipPort}`,
    onCall: (call) => calls.pressed(call),
    onRegister: (request, flow) => registrar.register(request, flow),
    onMessage: (request, flow) => commands.report(request, flow),
    onError: (error) => log.error({ err: error }, "a SIP request could not be handled"),
  });

  const tracer = openTracer(settings.traceEndpoint);
  const calls = newCalls({
    log,
    tracer,
    say,
    edgeIsUp: () => link?.up ?? false,
    registrar,
    userAgent,
    publicHost,
    rooms,
    liveKitUrl: settings.liveKit.url,
    address: settings.publicAddress,
    bindAddress: settings.bindAddress,
    srtpPorts,
    roomPorts: settings.roomPorts,
    putSnapshot,
  });

  const commands = newDoorCommands({
    log,
    userAgent,
    registrar,
    dialogOf: (deviceId) => calls.ofDevice(deviceId)?.dialog,
    say,
    publicHost,
  });

  const virtual = newVirtualStations({
    log,
    host: settings.bindAddress === "0.0.0.0" ? "127.0.0.1" : settings.bindAddress,
    port: settings.sipPort,
    mqttPort: settings.mqttPort,
    certify: (deviceId) => certifyVirtualStation(settings, deviceId),
    dataFolder: dirname(pkiFolder),
  });

  const sip = await listenTls({
    host: settings.bindAddress,
    port: settings.sipPort,
    certificate: readFileSync(files.certificate),
    key: readFileSync(files.key),
    deviceAuthority: [...issuers, root],
    admission,
    perAddress: settings.perAddress,
    onFlow: (flow) => userAgent.attach(flow),
    onRefused: (about) => log.warn({ event: "refused", ...about }, "refused"),
  });

  link = openEdgeLink({
    url: settings.edgeUrl,
    token: settings.mediaNodeToken,
    nodeName: settings.nodeName,
    log,
    inventory: () => ({
      registrations: registrar.all().flatMap(({ deviceId, since }) => {
        const device = deviceIdSchema.safeParse(deviceId);
        return device.success ? [{ deviceId: device.data, contact: commands.contactOf(deviceId), since }] : [];
      }),
      liveCalls: calls.live().map(({ callId, deviceId, phase }) => ({ callId, deviceId, phase })),
    }),
    onMessage(message) {
      if (calls.handle(message)) return;
      if (message.type === "command") commands.carryOut(message);
      else if (message.type === "virtual-press") virtual.press(message.deviceId);
      else if (message.type === "revoked") admission.revoked(message.serials);
    },
    onEndCalls: (gone) => calls.forget(gone),
  });
  calls.announceNext();

  const health = await serveHealth({
    port: settings.healthPort,
    edgeIsUp: () => link?.up ?? false,
    messagesWaiting: () => link?.waiting ?? 0,
    registrations: () => registrar.all().length,
    liveCalls: () => calls.live(),
    callsTotal: () => calls.total,
    portsFree: () => srtpPorts.free,
    spansDropped: () => tracer?.dropped ?? 0,
  });

  virtual.resume();
  log.info({ event: "ready", sip: settings.sipPort, health: settings.healthPort }, "stations can connect");

  /** Says BYE to every station and tells the edge, then closes. Resolves when all has left. */
  return async function stop(): Promise<void> {
    virtual.close();
    for (const call of calls.live()) call.end("media-node-lost");
    await new Promise((resolve) => setTimeout(resolve, 200)); // the BYEs and the last frames are on their way
    link?.close();
    admission.close();
    sip.close();
    health.close();
    await tracer?.flush();
  };
}

const about = ({ deviceId, isStation, userAgent }: Registration) => ({ deviceId, isStation, userAgent });

function certificateNames({ publicHost, publicAddress }: GatewaySettings): [string, ...string[]] {
  return [publicHost, ...["localhost", "127.0.0.1", publicAddress].filter(isOther)];

  function isOther(name: string, index: number, all: string[]): boolean {
    return name !== publicHost && all.indexOf(name) === index;
  }
}

async function main(): Promise<void> {
  try {
    const stop = await startGateway(readSettings(process.env));
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => void stop().finally(() => process.exit(0)));
  } catch (error) {
    if (error instanceof SettingError) console.error(error.message);
    else if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      console.error(`The gateway can't listen: ${error.message}.`);
    else throw error;
    process.exit(1);
  }
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === join(process.argv[1])) await main();
