/**
 * The link to one media node's SIP gateway: one WebSocket, numbered both ways, everything kept until acknowledged.
 * The node is the authority on SIP, the calls' own objects on who talks; this object only carries and reconciles.
 *
 * When a node counts as dead. (1) A gateway that comes back with a new epoch has lost every call of the old one: they end
 * at once. (2) A link that closes is told to the calls as `link-lost`, and that alone ends nothing: the talk may well go
 * on past the edge. The second witness is the talking browser, which says `media` `flowing: false` when the station's
 * sound stops. Both together for 3 s end the call as `media-node-lost`. A browser that is cut off itself, or an edge that
 * restarts, is one witness only.
 */
import { DurableObject } from "cloudflare:workers";
import type { SessionEvent } from "#core/call/state.ts";
import {
  ackFrame,
  type FromGateway,
  frame,
  fromGateway,
  mediaNodeProtocol,
  type ToGateway,
} from "#core/messages/media-node.ts";
import type { CallId, DeviceId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { hold } from "../metrics.ts";
import { Alarm } from "./alarm.ts";
import { type CallDirectory, databaseDirectory } from "./directory.ts";
import { LinkLedger, type Queued } from "./link-ledger.ts";
import { Outbox } from "./outbox.ts";
import { close, closeCode, send } from "./sockets.ts";

/** A node whose link is away this long shows its doors as offline. Shorter, and every restart of ours would flicker. */
const awayTime = 10_000;
/** Bytes. A `hello` names every registration. */
const largestMessage = 1 << 20;
/** Registrations are looked up side by side, so many at a time. */
const registerLanes = 8;

type Numbered = Exclude<FromGateway, { type: "hello" }>;
type Hello = Extract<FromGateway, { type: "hello" }>;
/** What the gateway said, on its way to calls and switchboards; and what this object says of the link itself. */
type Inward = Numbered | { type: "to-call"; callId: CallId; event: SessionEvent };

const gatewayFrame = frame(fromGateway);

export class MediaNodeLink extends DurableObject<Env> {
  #directory: CallDirectory | undefined;
  readonly #ledger: LinkLedger;
  readonly #inbox: Outbox<Inward>;
  readonly #alarm: Alarm;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#ledger = new LinkLedger(ctx.storage);
    this.#alarm = new Alarm(ctx);
    this.#inbox = new Outbox<Inward>(ctx, (item) => this.#carryIn(item));
  }

  protected directory(): CallDirectory {
    this.#directory ??= databaseDirectory(this.env);
    return this.#directory;
  }

  // ── towards the gateway ────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a call's message, once, and keeps it until the gateway acknowledged it. */
  send(callId: CallId, id: number, body: Queued): void {
    const now = Date.now();
    if (!this.#ledger.isNew(callId, id, now)) return;
    if (body.type === "invite") this.#ledger.callBegan(callId, body.deviceId, "to-station", now);
    if (body.type === "end" || body.type === "refuse") this.#ledger.callOver(callId);
    this.#post(body);
  }

  /** A door command: sent now or not at all. @returns false if the node is away */
  command(body: Extract<ToGateway, { type: "command" }>): boolean {
    return this.isUp() && this.#post(body);
  }

  /** @returns false if the node is away */
  virtualPress(deviceId: DeviceId): boolean {
    return this.isUp() && this.#post({ type: "virtual-press", deviceId });
  }

  /** Certificates that are good no more: kept until the node has heard it. */
  revoked(serials: string[]): void {
    this.#post({ type: "revoked", serials });
  }

  isUp(): boolean {
    return this.#socket() !== undefined;
  }

  #post(body: Queued): boolean {
    const numbered = this.#ledger.number(body);
    const socket = this.#socket();
    if (socket) send(socket, JSON.stringify(numbered));
    return true;
  }

  // ── from the gateway ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes the node's socket. Only `acceptMediaNode` calls this, after the token was checked. */
  override async fetch(): Promise<Response> {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours);
    const turn = (this.ctx.storage.kv.get<number>("turn") ?? 0) + 1;
    this.ctx.storage.kv.put("turn", turn);
    ours.serializeAttachment({ turn, welcomed: false } satisfies Attached);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const json = typeof data === "string" && data.length <= largestMessage ? readJson(data) : undefined;
    if (!wasWelcomed(socket)) {
      const hello = fromGateway.safeParse(json);
      if (!hello.success || hello.data.type !== "hello") return this.#reject(socket, "hello expected");
      return this.#hello(socket, hello.data);
    }
    const numbered = gatewayFrame.safeParse(json);
    if (!numbered.success) {
      const ack = ackFrame.strict().safeParse(json);
      if (!ack.success) return this.#reject(socket, "not understood");
      this.#ledger.acknowledged(ack.data.ack);
      return;
    }
    const { seq, ack, body } = numbered.data;
    if (body.type === "hello") return this.#reject(socket, "hello twice");
    // The gateway says a press again if we stop before it is stored; so it need not wait for the disk.
    const begun = body.type === "press" && this.#ledger.isNext(seq) ? this.#carryIn(body) : undefined;
    begun?.catch(() => {}); // looked at by the inbox
    const place = this.ctx.storage.transactionSync(() => {
      const place = this.#ledger.receive({ seq, ack });
      if (place !== "new") return place;
      if (body.type === "press") this.#ledger.callBegan(body.callId, body.deviceId, "from-station", Date.now());
      this.#inbox.add(laneOf(body), body, begun);
      return place;
    });
    if (place === "gap") return this.#reject(socket, "number missing");
    send(socket, JSON.stringify({ ack: this.#ledger.received }));
    await this.#flush();
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    close(socket, code === 1005 || code === 1006 ? 1000 : code, "");
    await this.#linkLost(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#linkLost(socket);
  }

  #reject(socket: WebSocket, reason: string): void {
    log("media node rejected", { reason });
    close(socket, closeCode.protocol, reason);
  }

  /** The first word of every connection: both sides agree on numbers, registrations and live calls. */
  async #hello(socket: WebSocket, hello: Hello): Promise<void> {
    const { epoch, received, registrations, liveCalls } = hello;
    for (const other of this.ctx.getWebSockets())
      if (turnOf(other) < turnOf(socket)) close(other, closeCode.replaced, "replaced by a newer connection");
    const known = this.#ledger.calls();
    const fresh = epoch !== this.#ledger.epoch;
    const live = new Set<string>(liveCalls.map((call) => call.callId));
    this.ctx.storage.transactionSync(() => {
      this.ctx.storage.kv.delete("awaySince");
      if (fresh) {
        this.#ledger.beginEpoch(epoch, received);
        for (const { callId, over } of known) {
          if (over) continue;
          this.#ledger.callOver(callId);
          this.#tell(callId, { type: "media-node-lost" });
        }
      } else {
        for (const { callId, over, direction } of known) {
          if (over) continue;
          this.#tell(callId, { type: "link-back" });
          if (!live.has(callId) && direction === "from-station") this.#tell(callId, { type: "missing" });
        }
      }
      this.#reconcileRegistrations(registrations, fresh);
      this.ctx.storage.kv.delete("shownAway");
    });
    // An unknown call of a known epoch is a press still under way to us; of a new epoch, one that we have lost.
    const ended = new Set<string>(known.filter((call) => call.over).map((call) => call.callId));
    const endCalls = liveCalls.map((call) => call.callId).filter((callId) => fresh || ended.has(callId));
    const welcome = { type: "welcome", protocol: mediaNodeProtocol, received: this.#ledger.received, endCalls };
    send(socket, JSON.stringify(welcome));
    socket.serializeAttachment({ turn: turnOf(socket), welcomed: true } satisfies Attached);
    for (const numbered of this.#ledger.resume(received)) send(socket, JSON.stringify(numbered));
    log("media node linked", { node: hello.nodeId, fresh, calls: live.size, registrations: registrations.length });
    await this.#flush();
  }

  #reconcileRegistrations(registrations: Hello["registrations"], fresh: boolean): void {
    const now = Date.now();
    const present = new Set<string>(registrations.map((registration) => registration.deviceId));
    const before = new Set<string>();
    for (const { deviceId } of this.#ledger.online()) {
      before.add(deviceId);
      if (present.has(deviceId)) continue;
      const gone = { type: "unregistered" as const, deviceId, at: now, reason: "flow-lost" as const };
      this.#inbox.add(laneOf(gone), gone);
    }
    for (const { deviceId, contact, since } of registrations) {
      if (!fresh && before.has(deviceId) && !this.#wasAway()) continue;
      const registered = { type: "registered" as const, deviceId, at: since };
      this.#inbox.add(laneOf(registered), registered);
      const told = { type: "contact" as const, deviceId, contact, at: now };
      this.#inbox.add(laneOf(told), told);
    }
  }

  async #linkLost(socket: WebSocket): Promise<void> {
    if (!wasWelcomed(socket)) return;
    if (this.ctx.getWebSockets().some((other) => other !== socket && isWelcomed(other))) return;
    log("media node link lost");
    this.ctx.storage.kv.put("awaySince", Date.now());
    for (const { callId, over } of this.#ledger.calls()) if (!over) this.#tell(callId, { type: "link-lost" });
    await this.#flush();
  }

  // ── inwards ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #tell(callId: CallId, event: SessionEvent): void {
    this.#inbox.add(callId, { type: "to-call", callId, event });
  }

  async #carryIn(item: Inward): Promise<void> {
    switch (item.type) {
      case "press": {
        const { callId, legId: stationLegId, deviceId, button, traceparent } = item;
        const nodeId = this.#name();
        const event = { type: "pressed" as const, callId, stationLegId, deviceId, nodeId, button, traceparent };
        return this.#session(callId).begin(event, this.#ledger.organisationOf(deviceId));
      }
      case "next-call":
        return this.#session(item.callId).prepare();
      case "room-ready":
      case "caller-left":
      case "station-ringing":
      case "station-answered":
      case "answered":
        if (item.type === "caller-left") this.#ledger.callOver(item.callId);
        return this.#session(item.callId).happened({ type: item.type });
      case "station-refused":
        this.#ledger.callOver(item.callId);
        return this.#session(item.callId).happened({ type: "station-refused", sipStatus: item.sipStatus });
      case "call-ended":
        this.#ledger.callOver(item.callId);
        return this.#session(item.callId).happened({ type: "call-ended", reason: item.reason });
      case "to-call":
        return this.#session(item.callId).happened(item.event);
      case "registered":
        return this.#registered(item.deviceId, item.at);
      case "unregistered":
        this.#ledger.unregister(item.deviceId);
        hold("registrations", this.#name(), this.#ledger.registered);
        return this.#switchboard(item.deviceId)?.doorOnline(item.deviceId, this.#name(), false, item.at);
      case "contact":
        return this.#switchboard(item.deviceId)?.doorContact({ deviceId: item.deviceId, contact: item.contact });
      case "command-state":
        return this.#switchboard(item.deviceId)?.commandState(item);
    }
  }

  /** A device that belongs to nobody (yet) shows up nowhere. */
  async #registered(deviceId: DeviceId, at: number): Promise<void> {
    const lookedUpAt = Date.now();
    const context = await this.directory().callContext(deviceId);
    if (!context) return;
    const { organisationId } = context;
    const before = this.#ledger.organisationOf(deviceId);
    this.#ledger.register({ deviceId, organisationId });
    hold("registrations", this.#name(), this.#ledger.registered);
    if (before && before !== organisationId) {
      await this.env.SWITCHBOARD.getByName(before).doorOnline(deviceId, this.#name(), false, at);
    }
    const reachedBy = { members: context.members.map(({ userId }) => userId), lookedUpAt };
    await this.env.SWITCHBOARD.getByName(organisationId).doorOnline(deviceId, this.#name(), true, at, reachedBy);
    await this.directory().registered(deviceId, organisationId, at);
  }

  #session(callId: CallId) {
    return this.env.CALL_SESSION.getByName(callId);
  }

  #switchboard(deviceId: DeviceId) {
    const organisation = this.#ledger.organisationOf(deviceId);
    return organisation && this.env.SWITCHBOARD.getByName(organisation);
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    const now = Date.now();
    this.#ledger.prune(now);
    const awaySince = this.ctx.storage.kv.get<number>("awaySince");
    if (awaySince !== undefined && now >= awaySince + awayTime && !this.#wasAway()) {
      this.ctx.storage.kv.put("shownAway", true);
      for (const { deviceId, organisationId } of this.#ledger.online()) {
        await this.env.SWITCHBOARD.getByName(organisationId).doorOnline(deviceId, this.#name(), false, now);
      }
    }
    await this.#flush();
  }

  /** Whether its doors were shown as offline since the link was last up. */
  #wasAway(): boolean {
    return this.ctx.storage.kv.get<boolean>("shownAway") ?? false;
  }

  async #flush(): Promise<void> {
    this.ctx.waitUntil(this.#inbox.pump().then(() => this.#setAlarm()));
    await this.#setAlarm();
  }

  async #setAlarm(): Promise<void> {
    const awaySince = this.#wasAway() ? undefined : this.ctx.storage.kv.get<number>("awaySince");
    await this.#alarm.by(this.#inbox.wakeAt(), awaySince === undefined ? undefined : awaySince + awayTime);
  }

  #socket(): WebSocket | undefined {
    const linked = this.ctx.getWebSockets().filter(isWelcomed);
    return linked.sort((a, b) => turnOf(b) - turnOf(a))[0];
  }

  /** The object's name is the node's. */
  #name(): string {
    return this.ctx.id.name ?? "";
  }
}

/** Kept with each socket. A connection that was given up may still speak when the next is there: the later turn counts. */
interface Attached {
  turn: number;
  welcomed: boolean;
}

const turnOf = (socket: WebSocket): number => (socket.deserializeAttachment() as Attached).turn;
const wasWelcomed = (socket: WebSocket): boolean => (socket.deserializeAttachment() as Attached).welcomed;
const isWelcomed = (socket: WebSocket): boolean => socket.readyState === WebSocket.OPEN && wasWelcomed(socket);

/** A call's messages keep their order; so do a device's. Lanes do not wait for each other. */
function laneOf(message: Numbered): string {
  if ("callId" in message) return message.callId;
  if (message.type === "command-state") return `command ${message.deviceId}`;
  return `device ${Number.parseInt(message.deviceId.slice(0, 8), 16) % registerLanes}`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
