/** The MQTT side of the played cloud: the platform's own broker, and what is to be said of a device that comes to it. */
import { randomUUID } from "node:crypto";
import type { DeviceCommand, Down } from "#core/messages/device.ts";
import { type CommandId, commandId } from "#core/messages/values.ts";
import { startAedes } from "#media-nodes/mqtt/aedes.ts";
import { newSessions } from "#media-nodes/mqtt/sessions.ts";
import type { Admission } from "./admission.ts";
import type { Played } from "./played.ts";

/** What the broker refuses, and what that says of the device. */
const refusals: readonly [RegExp, string][] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, "It comes to MQTT without a client certificate."],
  [
    /UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF|SELF_SIGNED|CERT_SIGNATURE/,
    "It comes to MQTT with a certificate that is not its own of ours: its factory certificate is for its enrolment alone.",
  ],
  [/names no device/, "It comes to MQTT with a certificate that names no device."],
  [/another client id/, "Its MQTT client id is not its device id."],
  [/not a clean session/, "It asks for a session that lasts: clean session must be set."],
  [/keep.?alive/i, "Its MQTT keep-alive is missing or too long."],
  [/retained nor QoS 2/, "It publishes with retain or QoS 2."],
  [/not its own topic/, "It publishes on a topic that is not its own."],
  [/not in the protocol/, "It publishes a message that is not in the protocol."],
  [/larger than allowed/, "It sends an MQTT packet that is larger than allowed."],
];

export interface PlayedBroker {
  /** The session that the device was told of last. */
  readonly session: Down<"session"> | undefined;
  say(kind: "desired", body: Down<"desired">): void;
  /** Sends a command as the platform does, or with another session's challenge or time. @returns its id */
  command(
    command: DeviceCommand,
    otherwise?: Partial<Pick<Down<"command">, "commandId" | "challenge" | "within">>,
  ): CommandId;
  /** Ends the device's connection. */
  cut(): void;
  close(): Promise<void>;
}

/** Milliseconds. */
const commandLife = 30_000;

export async function playBroker(played: Played, admission: Admission): Promise<PlayedBroker> {
  const { addresses, authorities, judge, seen, state, deviceId } = played;
  const sessions = newSessions();
  let session: Down<"session"> | undefined;
  let serial = "";
  let release = () => {};

  const broker = await startAedes({
    host: addresses.bind,
    port: addresses.mqtt,
    certificate: played.certificate,
    key: played.key,
    deviceAuthority: [authorities.issuing.certificate, authorities.root],
    isGood: admission.admit,
    onConnected(device, shown) {
      serial = shown;
      release = admission.hold(serial, () => broker.kick(device));
    },
    onListening(device) {
      session = sessions.begin(device);
      broker.say(device, "session", session);
      seen.tell({ what: "listening", serial });
    },
    onGone(device) {
      release();
      sessions.end(device);
    },
    async onMessage(device, message) {
      seen.tell({ what: "said", message });
      if (message.kind === "reported" && message.body.version < state.desired.version)
        broker.say(device, "desired", { ...state.desired, cameraCredentials: {} });
    },
    onRefused({ reason }) {
      const [, sentence] = refusals.find(([known]) => known.test(reason)) ?? [];
      if (sentence) judge.wrong("mqtt", sentence);
    },
  });

  return {
    get session() {
      return session;
    },
    say: (kind, body) => void broker.say(deviceId, kind, body),
    command(command, otherwise = {}) {
      const own = otherwise.commandId ?? commandId.parse(randomUUID());
      const asked = {
        type: "command",
        deviceId,
        commandId: own,
        command,
        expiresAt: Date.now() + commandLife,
      } as const;
      const usual = sessions.command(asked);
      if (usual) broker.say(deviceId, "command", { ...usual, ...otherwise });
      return own;
    },
    cut: () => broker.kick(deviceId),
    close: () => broker.close(),
  };
}
