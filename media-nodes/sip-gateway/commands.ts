/**
 * Door commands: to a station of ours as a SIP MESSAGE over its own connection, to a plain phone in a call as one DTMF
 * digit. A command leaves at once or not at all, and ends in exactly one of confirmed, failed and refused; then the
 * contact may follow.
 */
import type { Logger } from "pino";
import { fromStation, stationContentType, type ToStation } from "#core/messages/station.ts";
import { type CommandId, type DeviceId, type DoorContact, deviceId as deviceIdSchema } from "#core/messages/values.ts";
import type { EdgeMessage, GatewayMessage } from "./edge-link.ts";
import type { CallDialog } from "./sip/call-dialog.ts";
import type { Flow } from "./sip/flow.ts";
import { header, type SipRequest } from "./sip/message.ts";
import type { Registrar } from "./sip/registrar.ts";
import type { ResponseContent } from "./sip/serialise.ts";
import type { UserAgent } from "./sip/user-agent.ts";

type Command = Extract<EdgeMessage, { type: "command" }>;
type CommandState = Extract<GatewayMessage, { type: "command-state" }>;

export type DoorCommandsParts = {
  log: Logger;
  userAgent: Pick<UserAgent, "request">;
  registrar: Pick<Registrar, "find">;
  /** The dialog of a device that is in a call. */
  dialogOf(deviceId: DeviceId): Pick<CallDialog, "info"> | undefined;
  say(message: GatewayMessage): void;
  publicHost: string;
  now?: () => number;
};

export type DoorCommands = {
  carryOut(command: Command): void;
  /** A station's own MESSAGE: an output's report, or its door's contact. */
  report(request: SipRequest, flow: Flow): ResponseContent;
  contactOf(deviceId: string): DoorContact;
  /** The device is gone: nothing is known of its contact any more. */
  forget(deviceId: string): void;
};

/** A station that took the command must report within this time. Milliseconds. */
const reportTime = 5_000;
/** The contact is believed to move because of a command for its pulse and this long. */
const contactTime = 10_000;
/** The digit a plain phone takes for "open", and how long it lasts (milliseconds). */
const openDigit = { digit: "1", duration: 160 };

export function newDoorCommands(parts: DoorCommandsParts): DoorCommands {
  const { log, say } = parts;
  const now = parts.now ?? Date.now;
  const waiting = new Map<CommandId, { deviceId: DeviceId; timer: NodeJS.Timeout; pulse: number }>();
  const contacts = new Map<string, DoorContact>();
  /** The newest confirmed command of a device, while its contact may still move because of it. */
  const opening = new Map<string, { commandId: CommandId; until: number }>();

  function tell(
    commandId: CommandId,
    deviceId: DeviceId,
    state: CommandState["state"],
    reason?: CommandState["reason"],
  ) {
    say({ type: "command-state", commandId, deviceId, state, at: now(), ...(reason ? { reason } : {}) });
    log.info({ event: "door-command", commandId, deviceId, state, reason }, "door command");
  }

  /** Ends the waiting; undefined where the command has its outcome already. */
  function settle(commandId: CommandId) {
    const entry = waiting.get(commandId);
    if (!entry) return undefined;
    clearTimeout(entry.timer);
    waiting.delete(commandId);
    return entry;
  }

  function fail(commandId: CommandId, reason: CommandState["reason"]): void {
    const entry = settle(commandId);
    if (entry) tell(commandId, entry.deviceId, "failed", reason);
  }

  function toPhone({ commandId, deviceId }: Command): void {
    const dialog = parts.dialogOf(deviceId);
    if (!dialog) {
      tell(commandId, deviceId, "refused", "no-output");
      return;
    }
    tell(commandId, deviceId, "sent");
    const body = `Signal=${openDigit.digit}\r\nDuration=${openDigit.duration}\r\n`;
    dialog.info("application/dtmf-relay", body).then(
      ({ status }) =>
        status < 300 ? tell(commandId, deviceId, "confirmed") : tell(commandId, deviceId, "failed", "device-error"),
      () => tell(commandId, deviceId, "failed", "no-reply"),
    );
  }

  return {
    carryOut(command) {
      const { commandId, deviceId, output, pulse, expiresAt } = command;
      if (waiting.has(commandId)) return;
      if (now() >= expiresAt) return tell(commandId, deviceId, "failed", "expired");
      const registration = parts.registrar.find(deviceId);
      if (!registration) return tell(commandId, deviceId, "failed", "offline");
      if (!registration.isStation) return toPhone(command);
      const timer = setTimeout(() => fail(commandId, "no-reply"), reportTime);
      waiting.set(commandId, { deviceId, timer, pulse });
      const body: ToStation = { type: "fire-output", commandId, output, pulse, expiresAt };
      const own = `<sip:${deviceId}@${parts.publicHost}>`;
      parts.userAgent
        .request(registration.flow, {
          method: "MESSAGE",
          uri: registration.contact,
          from: `<sip:portal@${parts.publicHost}>`,
          to: own,
          contentType: stationContentType,
          body: JSON.stringify(body),
        })
        .then(
          ({ status }) => {
            if (status >= 300) fail(commandId, "device-error");
          },
          () => fail(commandId, "no-reply"),
        );
      tell(commandId, deviceId, "sent");
    },

    report(request, flow) {
      const device = deviceIdSchema.safeParse(flow.deviceId);
      if (!device.success || request.from.uri.user !== device.data) return { status: 403 };
      if (header(request, "content-type")?.split(";")[0]?.trim().toLowerCase() !== stationContentType)
        return { status: 415, headers: [["accept", stationContentType]] };
      const said = readReport(request.body);
      if (!said) return { status: 400, reason: "Malformed Report" };
      const deviceId = device.data;
      if (said.type === "contact") {
        contacts.set(deviceId, said.contact);
        say({ type: "contact", deviceId, contact: said.contact, at: now() });
        const cause = opening.get(deviceId);
        if (cause && said.contact !== "none" && now() < cause.until) tell(cause.commandId, deviceId, said.contact);
        if (said.contact === "closed") opening.delete(deviceId);
        return { status: 200 };
      }
      // Another device's command is nobody's business here.
      if (waiting.get(said.commandId)?.deviceId !== deviceId) return { status: 200 };
      const entry = settle(said.commandId);
      if (!entry) return { status: 200 };
      if (said.result === "expired") tell(said.commandId, deviceId, "failed", "expired");
      else if (said.result === "no-output") tell(said.commandId, deviceId, "refused", "no-output");
      else {
        tell(said.commandId, deviceId, "confirmed");
        opening.set(deviceId, { commandId: said.commandId, until: now() + entry.pulse + contactTime });
      }
      return { status: 200 };
    },

    contactOf: (deviceId) => contacts.get(deviceId) ?? "none",
    forget(deviceId) {
      contacts.delete(deviceId);
      opening.delete(deviceId);
    },
  };
}

function readReport(body: string) {
  try {
    return fromStation.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
