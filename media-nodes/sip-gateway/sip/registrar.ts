/**
 * The registrar (RFC 3261 §10.3) with flows (RFC 5626): a device is registered as itself alone, its certificate says who
 * that is, and calls go back over the connection it registered on. One binding a device: the newest flow wins.
 */

import { parseAddresses } from "./address.ts";
import type { Clock } from "./clock.ts";
import { withoutHeaders } from "./dialog.ts";
import type { Flow, FlowEnd } from "./flow.ts";
import { type Header, header, headers, type SipRequest, tokens } from "./message.ts";
import type { ResponseContent } from "./serialise.ts";

/** Seconds. A device asks for what it likes; below the first it hears 423, above the last it gets the last. */
export const registrationTime = { shortest: 30, usual: 300, longest: 3600 };

export interface Registration {
  deviceId: string;
  flow: Flow;
  /** Where requests to it are addressed. */
  contact: string;
  /** True for a station of ours, which understands door commands (Contact parameter `+symphony.station`). */
  isStation: boolean;
  /** RFC 5626 §4.1: the device's own instance, and which of its flows this is. */
  instance: string | undefined;
  /** When it registered first on this flow. Milliseconds. */
  since: number;
  userAgent: string;
}

export type UnregisterReason = "asked" | "expired" | "flow-lost";

export interface RegistrarOptions {
  clock: Clock;
  onRegistered(registration: Registration): void;
  onUnregistered(registration: Registration, reason: UnregisterReason, flowEnd?: FlowEnd): void;
}

export interface Registrar {
  /** Answers a REGISTER. */
  register(request: SipRequest, flow: Flow): ResponseContent;
  find(deviceId: string): Registration | undefined;
  all(): Registration[];
}

interface Binding {
  registration: Registration;
  /** reg-id and +sip.instance as they came, which the device finds its binding by (RFC 5626 §4.2). */
  outboundParams: string;
  expiresAt: number;
  cancelExpiry(): void;
  callId: string;
  cseq: number;
}

/** Makes a registrar; it forgets a device when its flow ends. */
export function createRegistrar({ clock, onRegistered, onUnregistered }: RegistrarOptions): Registrar {
  const bindings = new Map<string, Binding>();
  /** Flows whose end is listened for, once each however often a device comes and goes on it. */
  const watched = new WeakSet<Flow>();

  const remove = (binding: Binding, reason: UnregisterReason, flowEnd?: FlowEnd) => {
    binding.cancelExpiry();
    if (bindings.get(binding.registration.deviceId) !== binding) return;
    bindings.delete(binding.registration.deviceId);
    onUnregistered(binding.registration, reason, flowEnd);
  };

  const currentContacts = (deviceId: string): Header[] => {
    const binding = bindings.get(deviceId);
    if (!binding) return [];
    const left = Math.max(Math.ceil((binding.expiresAt - clock.now()) / 1000), 0);
    return [["contact", `<${binding.registration.contact}>${binding.outboundParams};expires=${left}`]];
  };

  const register = (request: SipRequest, flow: Flow): ResponseContent => {
    const { deviceId } = flow;
    if (!/^sips?$/.test(request.to.uri.scheme)) return { status: 400, reason: "Address Of Record Not A SIP URI" };
    // Nobody but the device its certificate names, under its own address of record.
    if (deviceId === undefined || request.to.uri.user !== deviceId || request.from.uri.user !== deviceId)
      return { status: 403 };
    const before = bindings.get(deviceId);
    // RFC 3261 §10.3 step 7: one Call-ID's requests come in order.
    if (
      before &&
      before.registration.flow === flow &&
      before.callId === request.callId &&
      request.cseq.number <= before.cseq
    ) {
      return { status: 500, reason: "CSeq Out Of Order" };
    }
    const values = headers(request, "contact");
    if (values.length === 0) return { status: 200, headers: currentContacts(deviceId) };
    const expiresHeader = header(request, "expires");
    if (values.some((value) => value.trim() === "*")) {
      if (values.length > 1 || expiresHeader !== "0") return { status: 400, reason: "Contact * Needs Expires 0" };
      if (before) remove(before, "asked");
      return { status: 200 };
    }
    const [contact, ...others] = parseAddresses(values) ?? [];
    if (!contact || others.length > 0) return { status: 400, reason: "One Contact A Device" };
    const asked = contact.params.get("expires") ?? expiresHeader;
    if (asked !== undefined && !/^\d{1,10}$/.test(asked)) return { status: 400, reason: "Malformed Expires" };
    const seconds = Math.min(asked === undefined ? registrationTime.usual : Number(asked), registrationTime.longest);
    if (seconds === 0) {
      if (before && before.registration.flow === flow) remove(before, "asked");
      return { status: 200, headers: currentContacts(deviceId) };
    }
    if (seconds < registrationTime.shortest)
      return { status: 423, headers: [["min-expires", String(registrationTime.shortest)]] };

    before?.cancelExpiry();
    const isRefresh = before?.registration.flow === flow;
    const registration: Registration = {
      deviceId,
      flow,
      contact: withoutHeaders(contact.uri.text),
      isStation: contact.params.has("+symphony.station"),
      instance: contact.params.get("+sip.instance"),
      since: isRefresh ? before.registration.since : clock.now(),
      userAgent: header(request, "user-agent")?.slice(0, 200) ?? "",
    };
    const binding: Binding = {
      registration,
      outboundParams: ["+sip.instance", "reg-id"]
        .map((name) => [name, contact.params.get(name)] as const)
        .map(([name, value]) => (value === undefined ? "" : `;${name}=${value}`))
        .join(""),
      expiresAt: clock.now() + seconds * 1000,
      // A little grace, so that a refresh under way is not overtaken.
      cancelExpiry: clock.after((seconds + 5) * 1000, () => remove(binding, "expired")),
      callId: request.callId,
      cseq: request.cseq.number,
    };
    bindings.set(deviceId, binding);
    if (!isRefresh) onRegistered(registration);
    if (!watched.has(flow)) {
      watched.add(flow);
      flow.onEnd((reason) => {
        const now = bindings.get(deviceId);
        if (now?.registration.flow === flow) remove(now, "flow-lost", reason);
      });
    }
    const outbound = tokens(request, "supported").includes("outbound") && contact.params.has("reg-id");
    return {
      status: 200,
      headers: [
        ...currentContacts(deviceId),
        // RFC 5626 §6 and §8.1: outbound was used, and how often the device should ping. Seconds.
        ...(outbound
          ? ([
              ["require", "outbound"],
              ["flow-timer", "25"],
            ] as const)
          : []),
        ["date", new Date(clock.now()).toUTCString()],
      ],
    };
  };

  return {
    register,
    find: (deviceId) => bindings.get(deviceId)?.registration,
    all: () => [...bindings.values()].map(({ registration }) => registration),
  };
}
