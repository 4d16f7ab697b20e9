/**
 * The parts of docs/device.md that the code decides: topics, messages, ports, times and sizes. Each stands between
 * `<!-- from the code: <name> -->` and `<!-- end -->`; the words around it are written by hand.
 */
import type { z } from "zod";
import { onlineTime, presenceTime, waitingTime } from "#core/device/claim.ts";
import { connectionsPerCertificate, streams, usualPerAddress } from "#core/device/connections.ts";
import { largestLog, largestUpload, logLife, logLine, longestLine, uploadTime } from "#core/device/log.ts";
import { largestManifest, packetSize } from "#core/firmware/manifest.ts";
import { timestampLife } from "#core/firmware/timestamp.ts";
import { factoryDelivery, statusKept } from "#core/messages/claiming.ts";
import {
  type DownKind,
  down,
  downTopic,
  downTopics,
  largestPacket,
  type UpKind,
  up,
  upTopic,
} from "#core/messages/device.ts";
import { fromStation, toStation } from "#core/messages/station.ts";
import { deviceId } from "#core/messages/values.ts";
import { longestKeepAlive } from "#media-nodes/mqtt/broker.ts";
import { maxBodyBytes, maxHeaderBytes } from "#media-nodes/sip-gateway/sip/framing.ts";
import { registrationTime } from "#media-nodes/sip-gateway/sip/registrar.ts";
import { parseVariables } from "#media-nodes/supervisor/settings.ts";
import { fromCloud, fromDevice, fromDoor, toDoor } from "./examples.ts";
import { fieldsOf, meaningOf, table } from "./fields.ts";

const someone = deviceId.parse("00000000-0000-4000-8000-000000000000");
const shown = (topic: string) => `\`${topic.replace(someone, "<device id>")}\``;

const downKinds = Object.keys(down).filter((kind): kind is DownKind => kind in down);
const upKinds = Object.keys(up).filter((kind): kind is UpKind => kind in up);

/** @throws where the example is not in the protocol */
function message(title: string, schema: z.ZodType, example: unknown): string {
  schema.parse(example);
  return [title, meaningOf(schema), fieldsOf(schema), `\`\`\`json\n${JSON.stringify(example, undefined, 2)}\n\`\`\``]
    .filter((part) => part !== "")
    .join("\n\n");
}

const seconds = (milliseconds: number) => `${milliseconds / 1000} s`;
const count = (number: number) => number.toLocaleString("en");
const octets = (number: number) => `${count(number)} octets`;

function topics(): string {
  return table(
    ["Topic", "Says it", ""],
    [
      ...downKinds.map((kind) => [shown(downTopic(someone, kind)), "cloud", meaningOf(down[kind])]),
      ...upKinds.map((kind) => [shown(upTopic(someone, kind)), "device", meaningOf(up[kind])]),
    ],
  );
}

function ports(): string {
  const { DEVICE_HTTPS_PORT, LOG_PORT, MQTT_PORT, SIP_PORT, NTP_PORT, SRTP_PORTS } = parseVariables({});
  return table(
    ["For", "Protocol", "In production", "`npm start`", "Setting"],
    [
      [
        "Claim, certificate, configuration, firmware, logs",
        "TCP, HTTPS",
        "443",
        DEVICE_HTTPS_PORT,
        "DEVICE_HTTPS_PORT",
      ],
      ["Configuration and commands", "TCP, MQTT over TLS", "8883", MQTT_PORT, "MQTT_PORT"],
      ["Lines of the log, as they come", "TCP, HTTPS", "8088", LOG_PORT, "LOG_PORT"],
      ["Calls", "TCP, SIP over TLS", "5061", SIP_PORT, "SIP_PORT"],
      ["Sound and picture of a call", "UDP, SRTP and SRTCP", SRTP_PORTS, SRTP_PORTS, "SRTP_PORTS"],
      ["Time", "UDP, NTP", "123", NTP_PORT, "NTP_PORT"],
    ].map(([what, protocol, production, here, setting]) => [
      String(what),
      String(protocol),
      String(production),
      String(here),
      `\`${setting}\``,
    ]),
  );
}

function limits(): string {
  return table(
    ["", ""],
    [
      ["An unclaimed device is online for so long after it asked for its certificate", seconds(onlineTime)],
      ["A press at an unclaimed device counts for", seconds(presenceTime)],
      ["A claim waits for a press for", seconds(waitingTime)],
      ["A revoked certificate's connections end within", seconds(statusKept)],
      [
        "Connections at one port: by one certificate, from one address",
        `${connectionsPerCertificate}, ${count(usualPerAddress)}`,
      ],
      [
        "The same on the port for lines of the log",
        `${streams.perCertificate}, ${count(streams.ofAnAddress * usualPerAddress)}`,
      ],
      ["Longest MQTT keep-alive", `${longestKeepAlive} s`],
      ["Largest MQTT packet", octets(largestPacket)],
      ["SIP registration: shortest, usual, longest", `${Object.values(registrationTime).join(", ")} s`],
      ["Largest SIP header and body", `${octets(maxHeaderBytes)}, ${octets(maxBodyBytes)}`],
      ["A packet of firmware", octets(packetSize)],
      ["Largest packet manifest", octets(largestManifest)],
      ["A log that is asked for is waited for", seconds(uploadTime)],
      ["Largest log: packed, unpacked and of one day", `${octets(largestUpload)}, ${octets(largestLog)}`],
      ["Longest line of a log", octets(longestLine)],
      ["A log is kept for", `${logLife / 86_400_000} days`],
      ["A TUF timestamp is good for", `${timestampLife / 86_400_000} days`],
    ],
  );
}

const parts: Record<string, () => string> = {
  topics,
  ports,
  limits,
  subscription: () => shown(downTopics(someone)),
  delivery: () => fieldsOf(factoryDelivery),
  "from the cloud": () =>
    downKinds.map((kind) => message(`#### \`down/${kind}\``, down[kind], fromCloud[kind])).join("\n\n"),
  "from the device": () =>
    upKinds.map((kind) => message(`#### \`up/${kind}\``, up[kind], fromDevice[kind])).join("\n\n"),
  "to the door": () => message("", toStation, toDoor),
  "log line": () => fieldsOf(logLine),
  "from the door": () => message("", fromStation, fromDoor),
};

/** The document with what the code says in its places. Throws where it asks for something that the code doesn't say. */
export function filled(document: string): string {
  const named: string[] = [];
  const made = document.replaceAll(
    /(<!-- from the code: ([a-z ]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const part = parts[name];
      if (!part) throw new Error(`the code has no part "${name}"`);
      named.push(name);
      return `${begin}\n${part()}\n\n${end}`;
    },
  );
  const missing = Object.keys(parts).filter((name) => !named.includes(name));
  if (missing.length > 0) throw new Error(`the document has no place for: ${missing.join(", ")}`);
  return made;
}
