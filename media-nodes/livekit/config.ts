/**
 * LiveKit's configuration from ours. Its defaults do not isolate calls: rooms come into being for whoever asks, and
 * clients are sent to public STUN servers. Here only the gateway makes rooms and the STUN server is our own.
 */
import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65535);

/** What the LiveKit part reads from its environment. */
export const liveKitSettings = z.object({
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(32, "LiveKit wants a secret of at least 32 characters"),
  /** Signalling and RoomService, on loopback: the front and the gateway come from there. */
  LIVEKIT_PORT: port.default(7880),
  /** All media of all rooms. */
  LIVEKIT_UDP_PORT: port.default(49990),
  /** TURN and STUN, UDP. */
  STUN_PORT: port.default(3478),
  /** Ports of relayed candidates. */
  TURN_PORTS: z
    .string()
    .regex(/^\d+-\d+$/)
    .default("49991-49999"),
  /** The IPv4 address clients reach. */
  PUBLIC_ADDRESS: z.ipv4().default("127.0.0.1"),
  /** What media is served on: the public address, or 0.0.0.0 where that one is behind address translation. */
  BIND_ADDRESS: z.ipv4().optional(),
});
export type LiveKitSettings = z.infer<typeof liveKitSettings>;

/** The server's configuration, to be given as JSON (which is YAML) in LIVEKIT_CONFIG: keys stay out of the argument list. */
export function liveKitConfig(settings: LiveKitSettings) {
  const address = settings.PUBLIC_ADDRESS;
  const bound = settings.BIND_ADDRESS ?? address;
  const [first, last] = settings.TURN_PORTS.split("-").map(Number);
  return {
    port: settings.LIVEKIT_PORT,
    bind_addresses: ["127.0.0.1"],
    keys: { [settings.LIVEKIT_API_KEY]: settings.LIVEKIT_API_SECRET },
    logging: { level: "info", json: true, pion_level: "error" },
    rtc: {
      udp_port: settings.LIVEKIT_UDP_PORT,
      // 0 opens no TCP port; the default is 7881 on every interface.
      tcp_port: 0,
      allow_tcp_fallback: false,
      use_external_ip: false,
      node_ip: address,
      enable_loopback_candidate: isLoopback(bound),
      // Behind address translation no interface has the public address: then every one but loopback serves.
      ...(bound === "0.0.0.0" ? {} : { ips: { includes: [`${bound}/32`] } }),
      stun_servers: [],
    },
    turn: {
      enabled: true,
      udp_port: settings.STUN_PORT,
      relay_range_start: first,
      relay_range_end: last,
      bind_addresses: [bound],
      // Relayed packets may reach this node alone, also where it has a private address.
      allow_restricted_peer_cidrs: [`${address}/32`],
    },
    room: {
      auto_create: false,
      // What a door station can hear and show, so that browsers and station need no transcoding.
      enabled_codecs: ["audio/opus", "audio/PCMU", "audio/PCMA", "video/H264", "video/rtx"].map((mime) => ({ mime })),
    },
    enable_data_tracks: false,
  };
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}
