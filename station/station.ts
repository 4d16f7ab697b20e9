/**
 * The reference door station: registers over SIP and TLS with its certificate, keeps its connection, presses, answers
 * when it is called, and carries out door commands.
 */
import { randomUUID } from "node:crypto";
import { type FromStation, fromStation, stationContentType, toStation } from "#core/messages/station.ts";
import type { PortPool } from "#media-nodes/sip-gateway/media/ports.ts";
import type { CallDialog } from "#media-nodes/sip-gateway/sip/call-dialog.ts";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import type { Flow } from "#media-nodes/sip-gateway/sip/flow.ts";
import type { IncomingCall } from "#media-nodes/sip-gateway/sip/incoming-call.ts";
import { type Header, header, type SipRequest } from "#media-nodes/sip-gateway/sip/message.ts";
import type { ResponseContent } from "#media-nodes/sip-gateway/sip/serialise.ts";
import { NoResponse } from "#media-nodes/sip-gateway/sip/stack.ts";
import { connectTls } from "#media-nodes/sip-gateway/sip/transport.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import { doorOutput } from "./door-output.ts";
import type { Reporter } from "./events.ts";
import { answerTalk, offerTalk, type Talk, type TalkOptions } from "./talk.ts";
import { countTurnedAway } from "./turned-away.ts";

export type StationOptions = {
  host: string;
  port: number;
  deviceId: string;
  /** Asked for at every connection: they are renewed. PEM. */
  credentials(): { certificate: string; key: string; serverAuthority: string };
  tone: number;
  film: TalkOptions["film"];
  /** The camera shown beside its own picture, as it is when a call begins. */
  beside(): TalkOptions["filmBeside"];
  video: boolean;
  /** How long it rings before it answers a call to it, in milliseconds. */
  answerAfter: number;
  ports: PortPool;
  report: Reporter;
  /** The gateway ends connections without a word: it does so where the certificate counts no more. Said less and less often. */
  onTurnedAway?(): void;
  /** By the station's own clock. Milliseconds since the epoch. */
  now(): number;
};

export type Station = {
  /** Resolves at the first registration. It never rejects: what fails is tried again. */
  readonly registered: Promise<void>;
  /** Presses a button; resolves when that call is over. A press during a call does nothing. */
  press(button: string): Promise<{ sipStatus: number; reason: string }>;
  /** Ends the call, or calls the press off. */
  hangUp(): void;
  /** Connects anew, once no call is in progress: the credentials are others now. */
  reconnect(): void;
  /** Unregisters and disconnects. */
  close(): Promise<void>;
};

/** Seconds. Refreshed when half of it is over. */
const registrationTime = 120;
/** RFC 5626 §4.4.1: below the 25 s that the registrar's Flow-Timer asks for. Milliseconds. */
const pingEvery = 20_000;
const firstRetry = 500;
const longestRetry = 10_000;

type Outcome = { sipStatus: number; reason: string };

/** Connects and registers, and does so again whenever that fails or is lost, until it is closed. */
export function startStation(options: StationOptions): Station {
  const { deviceId, host, report } = options;
  const own = `<sip:${deviceId}@${host}>`;
  const registrationId = randomUUID();
  let cseq = 0;
  let flow: Flow | undefined;
  /** The gateway took the registration on it. */
  let registered: Flow | undefined;
  const atFirst = Promise.withResolvers<void>();
  let closed = false;
  let refresh: NodeJS.Timeout | undefined;
  let retries = 0;
  const turnedAway = countTurnedAway(() => options.onTurnedAway?.());
  /** The one call: how to end it. */
  let current: { end(): void } | undefined;
  /** The connection was made with credentials that are not the newest. */
  let stale = false;
  const callOver = () => {
    current = undefined;
    if (stale) flow?.close("shut-down");
  };

  const door = doorOutput({
    now: options.now,
    onContact(contact) {
      report({ event: "contact", contact });
      tell({ type: "contact", contact });
    },
    onFired: (output, pulse) => report({ event: "output-fired", output, pulse, count: door.fired }),
  });

  const contactUri = (on: Flow) => `<sip:${deviceId}@${on.local.address}:${on.local.port};transport=tls>`;
  const userAgent = createUserAgent({
    clock: systemClock,
    contact: contactUri,
    sentBy: `${deviceId}.invalid`,
    onCall: (call) => void called(call),
    onMessage: (request) => commanded(request),
    onError: (error) => report({ event: "failed", reason: error instanceof Error ? error.message : "unknown" }),
  });

  async function register(on: Flow, seconds: number): Promise<void> {
    const contact = `${contactUri(on)};+sip.instance="<urn:uuid:${deviceId}>";reg-id=1;+symphony.station;expires=${seconds}`;
    const headers: Header[] = [
      ["contact", contact],
      ["supported", "outbound"],
      ["user-agent", "Symphony reference station"],
    ];
    cseq++;
    const { status, reason } = await userAgent.request(on, {
      method: "REGISTER",
      uri: `sip:${host}`,
      from: own,
      to: own,
      callId: registrationId,
      cseq,
      headers,
    });
    if (status >= 300) throw new Error(`The gateway refused the registration: ${status} ${reason}`);
  }

  async function connect(): Promise<void> {
    const made = await connectTls({
      host,
      port: options.port,
      ...options.credentials(),
      pingEvery,
    });
    if (closed) return made.close("shut-down");
    flow = made;
    stale = false;
    userAgent.attach(made);
    try {
      await register(made, registrationTime);
    } catch (error) {
      if (flow === made) flow = undefined;
      made.close("shut-down");
      if (error instanceof NoResponse && error.failure === "flow-ended") turnedAway.again();
      throw error;
    }
    turnedAway.letIn();
    registered = made;
    made.onEnd((reason) => {
      clearInterval(refresh);
      if (flow === made) flow = undefined;
      if (registered === made) registered = undefined;
      if (closed) return;
      report({ event: "disconnected", reason });
      again();
    });
    retries = 0;
    report({ event: "registered", deviceId });
    atFirst.resolve();
    tell({ type: "contact", contact: door.contact });
    refresh = setInterval(() => {
      register(made, registrationTime).catch(() => made.close("error"));
    }, registrationTime * 500);
  }

  function tryToConnect(): void {
    connect().catch((error: unknown) => {
      if (closed) return;
      // Once an outage.
      if (retries === 0) report({ event: "cloud-away", reason: error instanceof Error ? error.message : "unknown" });
      again();
    });
  }

  function again(): void {
    const pause = Math.min(longestRetry, firstRetry * 2 ** retries++) * (0.5 + Math.random() / 2);
    setTimeout(() => closed || tryToConnect(), pause);
  }

  /** A MESSAGE of ours. One that does not arrive is not repeated: the next state says more. */
  function tell(message: FromStation): void {
    if (!flow) return;
    userAgent
      .request(flow, {
        method: "MESSAGE",
        uri: `sip:portal@${host}`,
        from: own,
        to: `<sip:portal@${host}>`,
        contentType: stationContentType,
        body: JSON.stringify(fromStation.parse(message)),
      })
      .catch(() => undefined);
  }

  function commanded(request: SipRequest): ResponseContent {
    if (header(request, "content-type")?.split(";")[0]?.trim().toLowerCase() !== stationContentType)
      return { status: 415, headers: [["accept", stationContentType]] };
    const command = readCommand(request.body);
    if (!command) return { status: 400, reason: "Malformed Command" };
    const outcome = door.fire(command);
    if (outcome.type === "output" && outcome.result !== "fired")
      report({ event: "output-refused", why: outcome.result });
    // After the 200, as another transaction.
    setImmediate(() => tell(outcome));
    return { status: 200 };
  }

  const talkOptions = () => ({
    address: flow?.local.address ?? "127.0.0.1",
    ports: options.ports,
    tone: options.tone,
    film: options.film,
    filmBeside: options.beside(),
    video: options.video,
    report,
  });

  /** What both kinds of call do once they are answered. */
  function talking(talk: Talk, dialog: CallDialog, by: "station" | "person", over: (outcome: Outcome) => void): void {
    const since = performance.now();
    report({ event: "answered", by });
    talk.start();
    current = { end: () => dialog.bye() };
    dialog.onOffer(talk.renegotiate);
    dialog.onInfo((contentType) => {
      if (!contentType.startsWith("application/dtmf")) return 415;
      report({ event: "digit" });
      return 200;
    });
    dialog.onEnd((why) => {
      const talked = Math.round(performance.now() - since);
      report({ event: "ended", sipStatus: 200, reason: why, talked });
      over({ sipStatus: 200, reason: why });
    });
  }

  async function press(button: string): Promise<Outcome> {
    if (current || !flow) return { sipStatus: 0, reason: current ? "in a call" : "not connected" };
    const on = flow;
    let cancelled = false;
    current = {
      end: () => {
        cancelled = true;
      },
    };
    report({ event: "pressed", button });
    const talk = await offerTalk(talkOptions());
    return new Promise((resolve) => {
      const over = (outcome: Outcome) => {
        talk.stop();
        callOver();
        resolve(outcome);
      };
      const call = userAgent.call(on, {
        uri: `sip:${button}@${host}`,
        from: own,
        to: `<sip:${button}@${host}>`,
        sdp: talk.localSdp,
        headers: [["user-agent", "Symphony reference station"]],
      });
      current = { end: () => call.cancel() };
      call.onProgress((status, sdp) => {
        if (status === 180) report({ event: "ringing" });
        if (sdp === undefined || !talk.setAnswer(sdp)) return;
        report({ event: "early-media" });
        talk.start();
      });
      call.onFailure((sipStatus, reason) => {
        report({ event: "ended", sipStatus, reason, talked: 0 });
        over({ sipStatus, reason });
      });
      call.onAnswer(({ sdp, dialog }) => {
        if (talk.setAnswer(sdp)) return talking(talk, dialog, "person", over);
        dialog.bye({ cause: 488, text: "Not Acceptable Here" });
        report({ event: "failed", reason: "the answer can't be understood" });
        over({ sipStatus: 488, reason: "Not Acceptable Here" });
      });
      if (cancelled) call.cancel();
    });
  }

  async function called(call: IncomingCall): Promise<void> {
    if (current) return call.reject(486);
    let over = false;
    const end = (status: number, reason: string) => {
      over = true;
      callOver();
      report({ event: "ended", sipStatus: status, reason, talked: 0 });
    };
    current = {
      end: () => {
        call.reject(603);
        end(603, "Decline");
      },
    };
    call.ringing();
    report({ event: "ringing" });
    call.onCancel(() => end(487, "Request Terminated"));
    const outcome = await answerTalk(call.request.body, talkOptions());
    if (!outcome.ok) {
      call.reject(outcome.status, outcome.reason);
      return end(outcome.status, outcome.reason);
    }
    const { talk } = outcome;
    await new Promise((resolve) => setTimeout(resolve, options.answerAfter));
    if (over || !(await call.answer(talk.localSdp))) {
      talk.stop();
      if (!over) end(487, "Request Terminated");
      return;
    }
    talking(talk, call.dialog, "station", () => {
      talk.stop();
      callOver();
    });
  }

  tryToConnect();
  return {
    registered: atFirst.promise,
    press,
    hangUp: () => current?.end(),
    reconnect() {
      stale = true;
      if (!current) flow?.close("shut-down");
    },
    async close() {
      closed = true;
      current?.end();
      door.close();
      clearInterval(refresh);
      // One that was refused answers nothing any more: that would be waited for in vain.
      if (registered) await register(registered, 0).catch(() => undefined);
      flow?.close("shut-down");
    },
  };
}

function readCommand(body: string) {
  try {
    return toStation.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
