import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FromStation, stationContentType } from "#core/messages/station.ts";
import { type CommandId, commandId, deviceId } from "#core/messages/values.ts";
import { type DoorCommandsParts, newDoorCommands } from "./commands.ts";
import type { GatewayMessage } from "./edge-link.ts";
import type { Flow } from "./sip/flow.ts";
import type { SipRequest, SipResponse } from "./sip/message.ts";
import { parse } from "./sip/parse.ts";
import type { Registration } from "./sip/registrar.ts";

const device = deviceId.parse(randomUUID());
const other = deviceId.parse(randomUUID());

function read(text: string) {
  const result = parse(text);
  if (!result.ok) throw new Error(result.reason);
  return result.message;
}

function response(status: number): SipResponse {
  const head = "Via: SIP/2.0/TLS h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\nCall-ID: 1\r\n";
  const message = read(`SIP/2.0 ${status} Said\r\n${head}CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n`);
  if (message.kind !== "response") throw new Error("unreachable");
  return message;
}

function report(from: string, body: string, type = stationContentType): SipRequest {
  const head = `Via: SIP/2.0/TLS h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:${from}@h>;tag=1\r\nTo: <sip:portal@h>\r\n`;
  const rest = `Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const message = read(`MESSAGE sip:portal@h SIP/2.0\r\n${head}${rest}`);
  if (message.kind !== "request") throw new Error("unreachable");
  return message;
}

const flowOf = (id: string): Flow => ({
  id: 1,
  deviceId: id,
  remote: { address: "127.0.0.1", port: 1 },
  local: { address: "127.0.0.1", port: 2 },
  send: () => undefined,
  close: () => undefined,
  onMessage: () => undefined,
  onEnd: () => undefined,
});

describe("door commands", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
  afterEach(() => void vi.useRealTimers());

  function gateway(more: Partial<DoorCommandsParts> & { isStation?: boolean; answers?: number | "nothing" } = {}) {
    const said: GatewayMessage[] = [];
    const { isStation = true, answers = 200 } = more;
    const registration: Registration = {
      deviceId: device,
      flow: flowOf(device),
      contact: `sip:${device}@127.0.0.1`,
      isStation,
      instance: undefined,
      since: 0,
      userAgent: "",
    };
    const request = vi.fn(() =>
      answers === "nothing" ? Promise.reject(new Error("no response")) : Promise.resolve(response(answers)),
    );
    const commands = newDoorCommands({
      log: pino({ level: "silent" }),
      userAgent: { request },
      registrar: { find: (id) => (id === device ? registration : undefined) },
      dialogOf: () => undefined,
      say: (message) => said.push(message),
      publicHost: "h",
      ...more,
    });
    const states = () =>
      said.flatMap((message) =>
        message.type === "command-state" ? [[message.state, message.reason].filter(Boolean).join(" ")] : [],
      );
    const tell = (message: FromStation, from = device) =>
      commands.report(report(from, JSON.stringify(message)), flowOf(from)).status;
    return { commands, states, said, request, tell };
  }

  const command = (id: CommandId, to = device) =>
    ({ type: "command", commandId: id, deviceId: to, output: 1, pulse: 1_000, expiresAt: 6_000 }) as const;
  const id = commandId.parse(randomUUID());
  const fired = { type: "output", commandId: id, result: "fired" } as const;

  it("leave at once, are confirmed by the station, and end with the door's contact", () => {
    const { commands, states, tell, request } = gateway();
    commands.carryOut(command(id));
    expect(states()).toEqual(["sent"]);
    expect(request).toHaveBeenCalledOnce();
    expect(tell(fired)).toBe(200);
    tell({ type: "contact", contact: "open" });
    tell({ type: "contact", contact: "closed" });
    tell({ type: "contact", contact: "open" });
    expect(states()).toEqual(["sent", "confirmed", "open", "closed"]);
  });

  it("fail after 5 s without a report, and a report that comes later changes nothing", () => {
    const { commands, states, tell } = gateway();
    commands.carryOut(command(id));
    vi.advanceTimersByTime(4_999);
    expect(states()).toEqual(["sent"]);
    vi.advanceTimersByTime(1);
    tell(fired);
    expect(states()).toEqual(["sent", "failed no-reply"]);
  });

  it.each([
    ["the station is away", { answers: 200 }, other, ["failed offline"]],
    ["the station refuses the message", { answers: 500 }, device, ["sent", "failed device-error"]],
    ["the station is silent", { answers: "nothing" }, device, ["sent", "failed no-reply"]],
  ] as const)("fail when %s", async (_, world, to, expected) => {
    const { commands, states } = gateway(world);
    commands.carryOut(command(id, to));
    await vi.advanceTimersByTimeAsync(0);
    expect(states()).toEqual(expected);
  });

  it("that are too old are not sent", () => {
    const { commands, states, request } = gateway();
    vi.setSystemTime(6_000);
    commands.carryOut(command(id));
    expect(states()).toEqual(["failed expired"]);
    expect(request).not.toHaveBeenCalled();
  });

  it("are only confirmed by the station they were for", () => {
    const { commands, states, tell } = gateway();
    commands.carryOut(command(id));
    expect(tell(fired, other)).toBe(200);
    expect(states()).toEqual(["sent"]);
  });

  it("to a plain phone are one digit in its call, and refused outside of one", async () => {
    const info = vi.fn(() => Promise.resolve(response(200)));
    const talking = gateway({ isStation: false, dialogOf: () => ({ info }) });
    talking.commands.carryOut(command(id));
    await vi.advanceTimersByTimeAsync(0);
    expect(talking.states()).toEqual(["sent", "confirmed"]);
    expect(info).toHaveBeenCalledWith("application/dtmf-relay", expect.stringContaining("Signal=1\r\n"));
    const idle = gateway({ isStation: false });
    idle.commands.carryOut(command(id));
    expect(idle.states()).toEqual(["refused no-output"]);
  });

  it("tell the edge of a contact that moves by itself, without a command", () => {
    const { said, tell, commands } = gateway();
    tell({ type: "contact", contact: "open" });
    expect(said).toEqual([{ type: "contact", deviceId: device, contact: "open", at: 1_000 }]);
    expect(commands.contactOf(device)).toBe("open");
    commands.forget(device);
    expect(commands.contactOf(device)).toBe("none");
  });

  it("believe no report under another's name, of another kind, or without sense", () => {
    const { commands, said } = gateway();
    const body = JSON.stringify({ type: "contact", contact: "open" });
    expect(commands.report(report(other, body), flowOf(device)).status).toBe(403);
    expect(commands.report(report(device, body, "text/plain"), flowOf(device)).status).toBe(415);
    expect(commands.report(report(device, "{"), flowOf(device)).status).toBe(400);
    expect(said).toEqual([]);
  });
});
