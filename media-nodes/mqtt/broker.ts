/**
 * What a broker for devices is: MQTT 3.1.1 over mutual TLS. It keeps nothing. A device is whom its certificate names, reaches its
 * own topics only (core/messages/device.ts), and is told what it missed from the database when it connects. What it says is
 * acknowledged (PUBACK) once `onMessage` has resolved, that is, once it is stored.
 *
 * Two stand here: Aedes in process (aedes.ts), and Mosquitto behind our TLS (mosquitto.ts). They hold to the rules below, as any
 * other has to: client id = the certificate's device id, clean sessions, nothing retained, no will, no QoS 2, and a connection
 * that breaks a rule, or whose certificate is revoked, ends.
 */
import { type Down, type DownKind, mayPublish, parseUp, type UpMessage } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { Credentials } from "../tls/device-tls.ts";

export interface BrokerOptions extends Credentials {
  host: string;
  port: number;
  /** Asked after every handshake: the certificate may be revoked. Rejects where nobody can say. */
  isGood(serial: string): Promise<boolean>;
  onConnected?(device: DeviceId, serial: string): void;
  /** A device subscribed to what is said to it: the moment to say what it missed. */
  onListening(device: DeviceId): void;
  onGone(device: DeviceId): void;
  /** Resolves once the message is stored. A rejection ends the connection, and the device says it again. */
  onMessage(device: DeviceId, message: UpMessage): Promise<void>;
  /** Says why a connection was refused or ended, without anything it sent. */
  onRefused(about: { address: string; device?: DeviceId; reason: string }): void;
  /** All connections together, and those from one address. */
  maxConnections?: number;
  perAddress?: number;
}

export interface Broker {
  readonly port: number;
  /** The devices that are connected. */
  connected(): DeviceId[];
  /** @returns whether the device is connected to hear it. */
  say<Kind extends DownKind>(device: DeviceId, kind: Kind, body: Down<Kind>): boolean;
  /** Ends a device's connection at once: its certificate was revoked. */
  kick(device: DeviceId): void;
  close(): Promise<void>;
}

/** Seconds. A device that says nothing for one and a half times as long is gone (MQTT 3.1.1 §3.1.2.10). */
export const longestKeepAlive = 60;
/** Milliseconds that a device may take from its TLS handshake to CONNECT. */
export const connectTime = 10_000;

/** CONNACK's return codes (MQTT 3.1.1 §3.2.2.3), as far as we say them. */
export const connectReturn = { identifierRejected: 2, serverUnavailable: 3, notAuthorised: 5 } as const;

export interface Refusal {
  returnCode: (typeof connectReturn)[keyof typeof connectReturn];
  reason: string;
}

/** Why this CONNECT of the device is refused; undefined: it is not. */
export async function refusalOf(
  { clientId, clean }: { clientId: string; clean?: boolean | undefined },
  { device, serial }: { device: DeviceId; serial: string },
  isGood: BrokerOptions["isGood"],
): Promise<Refusal | undefined> {
  const { identifierRejected, serverUnavailable, notAuthorised } = connectReturn;
  if (clientId !== device) return { returnCode: identifierRejected, reason: "another client id" };
  if (!clean) return { returnCode: identifierRejected, reason: "not a clean session" };
  try {
    if (await isGood(serial)) return undefined;
    return { returnCode: notAuthorised, reason: "certificate not good" };
  } catch {
    return { returnCode: serverUnavailable, reason: "certificate can't be judged now" };
  }
}

/** What a device says by this PUBLISH. Throws why it may not say that. */
export function readPublish(
  device: DeviceId,
  packet: { topic: string; payload: string | Buffer; retain?: boolean; qos: number },
): UpMessage {
  if (packet.retain || packet.qos === 2) throw new Error("neither retained nor QoS 2");
  const kind = mayPublish(device, packet.topic);
  if (!kind) throw new Error("not its own topic");
  const message = parseUp(kind, packet.payload.toString());
  if (!message) throw new Error("not in the protocol");
  return message;
}
