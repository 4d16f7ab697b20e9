/** One of the two peer connections with LiveKit, on UDP ports of our own range. */
import { useH264 as h264, useOPUS as opus, RTCDtlsTransport, RTCPeerConnection } from "werift";
import type { PortPool } from "../media/ports.ts";
import { type QuickPath, type QuickPathEvents, srtpProfile, takeOver } from "./quick-path.ts";

export type Peer = {
  readonly connection: RTCPeerConnection;
  /** There once the connection stands. */
  readonly path: QuickPath | undefined;
  /** To be called when a description is set and before ICE has connected. */
  prepare(): void;
  close(): void;
};

/**
 * Makes a peer connection.
 * @param stun LiveKit's own STUN server, `stun:host:port`
 * @throws when no port is free
 */
export function openPeer(pool: PortPool, address: string, stun: string, events: QuickPathEvents): Peer {
  // werift looks for a free port by trying, and two joins at once find the same: so each gets a pair of its own.
  const port = pool.take();
  if (port === undefined) throw new Error("no free room port");
  const connection = new RTCPeerConnection({
    codecs: { audio: [opus()], video: [h264()] },
    bundlePolicy: "max-bundle",
    icePortRange: [port, port + 1],
    // werift asks a public STUN server wherever it is given none; LiveKit's own is asked instead.
    iceServers: [{ urls: stun }],
    // Only this address, not those of every interface.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [address],
    iceInterfaceAddresses: { udp4: address },
  });
  const known = new WeakSet<RTCDtlsTransport>();
  let path: QuickPath | undefined;
  return {
    connection,
    get path() {
      return path;
    },
    prepare() {
      for (const transport of connection.dtlsTransports) {
        if (known.has(transport)) continue;
        known.add(transport);
        // The only profile our SRTP speaks; werift itself would rather have AES-GCM.
        Object.assign(transport, { srtpProfiles: [srtpProfile] });
        transport.onStateChange.subscribe((state) => {
          if (state === "connected") path ??= takeOver(transport, connection.cname, events);
        });
        keepEarlyHandshake(transport);
      }
    },
    close() {
      path?.close();
      connection
        .close()
        .catch(() => {})
        .finally(() => pool.give(port));
    },
  };
}

/**
 * LiveKit's first DTLS flight comes before werift has noticed that ICE is connected, and would be lost until LiveKit sends it
 * again, 100 ms later. It is kept and handed on once the handshake listens.
 */
function keepEarlyHandshake(transport: RTCDtlsTransport): void {
  const { connection } = transport.iceTransport;
  let early: Buffer | undefined;
  const { unSubscribe: stop } = connection.onData.subscribe((data) => {
    const first = data[0] ?? 0;
    if (first >= 20 && first <= 63) early = data; // RFC 7983: DTLS
  });
  transport.onStateChange.subscribe((state) => {
    if (state === "connecting")
      setImmediate(() => {
        stop();
        if (early) connection.onData.execute(early);
      });
  });
}

/** Makes the certificate all connections of this process share, so that the first call need not wait for it. */
export async function warmUp(): Promise<void> {
  await RTCDtlsTransport.SetupCertificate();
}
