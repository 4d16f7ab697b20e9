/**
 * One organisation's switchboard: every client's hibernating socket, who is there, the doors' states and the commands to
 * their outputs. It decides nothing about a call; it passes words between clients and calls, and says when a client is gone.
 */
import { DurableObject } from "cloudflare:workers";
import { reachesEverywhere } from "#core/access/permissions.ts";
import type { ConnectedClient } from "#core/call/plan.ts";
import type { SessionEvent } from "#core/call/state.ts";
import { clientProtocol, type DoorState, type FromClient, type ToClient } from "#core/messages/client.ts";
import type { FromGateway } from "#core/messages/media-node.ts";
import { type CallId, type DeviceId, type OrganisationId, onlyNode, type UserId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { hold } from "../metrics.ts";
import { Alarm } from "./alarm.ts";
import { CallLegs } from "./call-legs.ts";
import { firstEnd, lostClients, overdue } from "./client-watch.ts";
import { type CallDirectory, databaseDirectory } from "./directory.ts";
import { DoorBoard } from "./door-board.ts";
import { type DoorCommandMessage, DoorCommands } from "./door-commands.ts";
import { type DoorDesk, openDoor } from "./door-opening.ts";
import { DoorReach } from "./door-reach.ts";
import type { Delivery } from "./effects.ts";
import { auditLane, carryOut, type Leaving } from "./leaving.ts";
import { Outbox } from "./outbox.ts";
import { placeCall } from "./placing.ts";
import {
  type Attached,
  asConnected,
  attached,
  clients,
  close,
  closeCode,
  type Identity,
  keyOf,
  Patience,
  readMessage,
  send,
  signOutSockets,
  socketsOf,
  type WhichSessions,
} from "./sockets.ts";

/** While anyone takes part in a call, sockets are looked at this often. */
const watch = 5_000;

type Sent<T extends FromClient["type"]> = Extract<FromClient, { type: T }>;

export class Switchboard extends DurableObject<Env> {
  #directory: CallDirectory | undefined;
  readonly #outbox: Outbox<Leaving>;
  readonly #alarm: Alarm;
  readonly #doors: DoorBoard;
  readonly #commands: DoorCommands;
  readonly #legs: CallLegs;
  readonly #reach: DoorReach;
  readonly #patience = new Patience();
  readonly #desk: DoorDesk;
  #watchAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    this.#alarm = new Alarm(ctx);
    this.#outbox = new Outbox<Leaving>(ctx, (item) => carryOut(env, this.directory(), item));
    this.#doors = new DoorBoard(sql);
    this.#commands = new DoorCommands(sql);
    this.#legs = new CallLegs(sql);
    this.#reach = new DoorReach(sql);
    this.#desk = {
      doors: this.#doors,
      commands: this.#commands,
      nodes: env.MEDIA_NODE_LINK,
      organisation: () => this.#organisation(),
      directory: () => this.directory(),
      mayReach: (about, deviceId) => this.#mayReach(about, deviceId),
      tell: (command) => this.#tellCommand(command),
    };
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
  }

  /** Where a door's output and members are looked up. Tests put a double here. */
  protected directory(): CallDirectory {
    this.#directory ??= databaseDirectory(this.env);
    return this.#directory;
  }

  // ── clients ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a client's socket. Only `acceptClient` calls this, after the session was checked. */
  override async fetch(request: Request): Promise<Response> {
    const identity = JSON.parse(decodeURIComponent(request.headers.get("x-identity") ?? "")) as Identity;
    if (this.#reach.isStale(identity.userId, identity.lookedUpAt))
      return problem(409, "changed-meanwhile", "What you may do has just changed. Please try again.");
    const { 0: theirs, 1: ours } = new WebSocketPair();
    const about: Attached = { ...identity, connectedAt: Date.now(), available: false };
    this.ctx.acceptWebSocket(ours, [`user:${identity.userId}`]);
    ours.serializeAttachment(about);
    if (about.until !== undefined) await this.#setAlarm();
    return new Response(null, { status: 101, webSocket: theirs });
  }

  /** Notes which doors a person gets to whose role does not reach every one. Before their socket comes. */
  reaches(userId: UserId, doors: DeviceId[], lookedUpAt: number): void {
    if (!this.#reach.isStale(userId, lookedUpAt)) this.#reach.set(userId, doors);
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (!this.#patience.allows(socket, Date.now())) {
      send(socket, { type: "error", code: "too-many", detail: "Too many messages." });
      close(socket, closeCode.tooMany, "too many messages");
      return;
    }
    const message = readMessage(data);
    if (message) await this.#heard(socket, message);
    else send(socket, { type: "error", code: "bad-message", detail: "This message is not understood." });
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    close(socket, code === 1005 || code === 1006 ? 1000 : code, "");
    await this.#gone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#gone(socket);
  }

  async #heard(socket: WebSocket, message: FromClient): Promise<void> {
    const about = attached(socket);
    if (message.type === "hello") return this.#hello(socket, about, message);
    const { clientId, userId } = about;
    if (!clientId) {
      send(socket, { type: "error", code: "protocol", detail: "Say hello first." });
      close(socket, closeCode.protocol, "hello first");
      return;
    }
    const who = { clientId, userId };
    switch (message.type) {
      case "availability":
        socket.serializeAttachment({ ...about, available: message.available });
        return;
      case "rang":
      case "answer":
      case "decline":
        return this.#pass(message.callId, { type: message.type, legId: message.legId, ...who });
      case "hang-up":
        return this.#pass(message.callId, { type: "hang-up", ...who });
      case "media":
        return this.#pass(message.callId, { type: "media", flowing: message.flowing, ...who });
      case "open-door":
        return openDoor(this.#desk, socket, about, message);
      case "call":
        return this.#place(socket, { ...about, clientId }, message);
      case "ping":
        send(socket, { type: "pong", now: Date.now() });
        return;
    }
  }

  async #hello(socket: WebSocket, about: Attached, { clientId, available }: Sent<"hello">): Promise<void> {
    for (const other of clients(this.ctx)) {
      if (other.socket === socket || keyOf(other.about) !== keyOf({ clientId, userId: about.userId })) continue;
      if (other.about.connectedAt > about.connectedAt) return close(socket, closeCode.replaced, "a newer one is here");
      other.socket.serializeAttachment({ ...other.about, replaced: true });
      close(other.socket, closeCode.replaced, "replaced by a newer connection");
    }
    socket.serializeAttachment({ ...about, clientId, available });
    send(socket, { type: "welcome", protocol: clientProtocol, now: Date.now(), doors: this.#doorsOf(about) });
    hold("clients", this.#organisation(), clients(this.ctx).length);
    const returned = { type: "client-returned" as const, clientId, userId: about.userId };
    for (const leg of this.#legs.of(clientId, about.userId, Date.now())) this.#queue(leg.callId, returned);
    await this.#flush();
  }

  async #gone(socket: WebSocket): Promise<void> {
    const { clientId, userId, replaced } = attached(socket);
    if (!clientId || replaced) return;
    const left = clients(this.ctx).filter((other) => other.socket !== socket);
    hold("clients", this.#organisation(), left.length);
    const key = keyOf({ clientId, userId });
    if (left.some((other) => keyOf(other.about) === key)) return;
    for (const leg of this.#legs.of(clientId, userId, Date.now()))
      this.#queue(leg.callId, { type: "client-closed", clientId, userId });
    await this.#flush();
  }

  /** Closes a person's sockets: those of all their sessions, of one alone, or of all but one. */
  signOut(userId: UserId, which: WhichSessions): void {
    signOutSockets(this.ctx, userId, which);
  }

  /** A session works elsewhere: its sockets close, to come back there. */
  movedOn(userId: UserId, sessionId: string): void {
    for (const socket of socketsOf(this.ctx, userId, { only: sessionId }))
      close(socket, closeCode.changed, "works elsewhere");
  }

  /** What a person may do has changed: sockets come back as what they are now, calls look again at who takes part. */
  async accessChanged(userId: UserId): Promise<void> {
    this.#reach.changed(userId, Date.now());
    for (const { callId: call, userId: who } of this.#legs.live())
      if (who === userId) this.#outbox.add(call, { callId: call, accessOf: userId });
    for (const socket of socketsOf(this.ctx, userId, "all")) close(socket, closeCode.changed, "look again");
    await this.#flush();
  }

  #mayReach({ userId, role }: Attached, deviceId: DeviceId): boolean {
    return reachesEverywhere(role) || this.#reach.has(userId, deviceId);
  }

  #doorsOf(about: Attached): DoorState[] {
    return this.#doors.states().filter(({ deviceId }) => this.#mayReach(about, deviceId));
  }

  // ── calls ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  presence(): ConnectedClient[] {
    return clients(this.ctx).map(asConnected);
  }

  /**
   * A call speaks to its clients: up to 32 of them by one message. Taken once however often it comes. First all is said and
   * then written down, in one turn: what is said after a write waits for the disk, and a client that hears a message twice
   * because we stopped in between takes it twice.
   */
  async deliver(call: CallId, id: number, { messages, door }: Delivery): Promise<void> {
    const now = Date.now();
    if (this.#legs.isKnown(call, id)) return;
    const here = new Map(clients(this.ctx).map((client) => [keyOf(client.about), client]));
    const heardBy = messages.map(({ clientId, userId, message }) => {
      const client = here.get(keyOf({ clientId, userId }));
      // Planned before their share ended, it rings no more.
      const unreached = client && message.type === "ring" && !this.#mayReach(client.about, message.deviceId);
      return client !== undefined && !unreached && send(client.socket, message);
    });
    this.#legs.know(call, id, now);
    for (const [index, { clientId, userId, message }] of messages.entries()) {
      const leg = { callId: call, clientId, userId };
      if (message.type === "ring" || message.type === "talking" || message.type === "calling") {
        this.#legs.joined(leg, now);
        if (!heardBy[index]) this.#queue(call, { type: "client-closed", clientId, userId });
      } else if (message.type === "ring-end" || message.type === "call-end") {
        this.#legs.left(leg, now);
      }
    }
    this.#showDoor(door && this.#doors.setCall(call, door));
    await this.#flush();
  }

  recorded(call: CallId, deviceId: DeviceId): void {
    this.#broadcast({ type: "call-recorded", callId: call }, deviceId);
  }

  /** Devices came, went, or said something of themselves. `door`: its door is shown otherwise than before. */
  devicesChanged(devices: { deviceId: DeviceId; door: boolean }[]): void {
    for (const { deviceId, door } of devices)
      this.#broadcast({ type: "device-changed", deviceId, ...(door ? { door } : {}) }, deviceId);
  }

  /** The organisation was offered by and to these, or that is over. */
  ownershipChanged(people: UserId[]): void {
    for (const userId of people)
      for (const socket of socketsOf(this.ctx, userId, "all")) send(socket, { type: "ownership-changed" });
  }

  /** A person calls a station. */
  async #place(
    socket: WebSocket,
    about: Attached & { clientId: Sent<"hello">["clientId"] },
    asked: Sent<"call">,
  ): Promise<void> {
    const placed = placeCall(this.#desk, about, asked);
    if (typeof placed === "string")
      return void send(socket, { type: "call-refused", requestId: asked.requestId, reason: placed });
    const { callId: call, deviceId } = placed;
    const { clientId, userId, name } = about;
    this.#showDoor(
      this.#doors.setCall(call, { deviceId, phase: "ringing", with: name, since: Date.now(), openers: [] }),
    );
    this.#legs.joined({ callId: call, clientId, userId }, Date.now());
    return this.#pass(call, placed);
  }

  // ── doors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  doorStates(): DoorState[] {
    return this.#doors.states();
  }

  /** @param reachedBy who gets to it, and when (milliseconds) that was looked up */
  doorOnline(
    deviceId: DeviceId,
    nodeId: string,
    online: boolean,
    at: number,
    reachedBy?: { members: UserId[]; lookedUpAt: number },
  ): void {
    // A new door may stand at a site that is shared with somebody who is here already.
    for (const userId of reachedBy?.members ?? [])
      if (!this.#reach.isStale(userId, reachedBy?.lookedUpAt ?? 0)) this.#reach.add(userId, deviceId);
    this.#showDoor(this.#doors.setOnline(deviceId, nodeId, online, at));
  }

  /** The device is another's, or nobody's: its door is gone, and who is in a call with it is out of that. */
  async doorLeft(deviceId: DeviceId): Promise<void> {
    this.devicesChanged([{ deviceId, door: true }]);
    const calls = this.#doors.forget(deviceId);
    for (const { callId: call, userId } of this.#legs.live())
      if (calls.has(call)) this.#outbox.add(call, { callId: call, accessOf: userId });
    await this.#flush();
  }

  doorContact({ deviceId, contact }: Pick<Extract<FromGateway, { type: "contact" }>, "deviceId" | "contact">): void {
    this.#showDoor(this.#doors.setContact(deviceId, contact));
  }

  async commandState({ commandId, state, reason, at }: Extract<FromGateway, { type: "command-state" }>): Promise<void> {
    await this.#tellCommand(this.#commands.report(commandId, state, reason, at));
  }

  /** Presses the button of the organisation's virtual station. @returns false if no media node is linked */
  async pressVirtual(deviceId: DeviceId): Promise<boolean> {
    // A virtual station that has not run yet is registered nowhere: any node can start it, and one alone needs no name.
    const nodeId = this.#doors.nodeOf(deviceId) ?? onlyNode;
    return this.env.MEDIA_NODE_LINK.getByName(nodeId).virtualPress(deviceId);
  }

  /** The device's certificates are good no more: the node where it is connected hears it at once. */
  async revoked(deviceId: DeviceId, serials: string[]): Promise<void> {
    const nodeId = this.#doors.nodeOf(deviceId) ?? onlyNode;
    await Promise.all([
      this.env.MEDIA_NODE_LINK.getByName(nodeId).revoked(serials),
      this.env.DEVICE_LINK.getByName(nodeId).tell({ type: "revoked", serials }),
    ]);
  }

  async #tellCommand(command: DoorCommandMessage | undefined): Promise<void> {
    if (!command) return;
    this.#broadcast(command, command.deviceId, command.userId);
    const { type: _, output: __, callId: call, ...what } = command;
    const { commandId, by, userId, state, reason } = what;
    // A call keeps what happened to its door itself.
    if (call) this.#queue(call, { type: "door-command", commandId, by, userId, state, reason });
    else this.#outbox.add(auditLane, { line: { ...what, organisationId: this.#organisation() } });
    await this.#flush();
  }

  #showDoor(door: DoorState | undefined): void {
    if (door) this.#broadcast({ type: "door-state", door }, door.deviceId);
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    const now = Date.now();
    for (const commandId of this.#commands.unanswered(now)) {
      await this.#tellCommand(this.#commands.report(commandId, "failed", "no-reply", now));
    }
    for (const userId of overdue(this.ctx, now)) await this.accessChanged(userId);
    for (const { callId: call, event } of lostClients(this.ctx, this.#legs, this.#patience, now))
      this.#queue(call, event);
    this.#legs.prune(now);
    this.#commands.prune(now);
    for (const door of this.#doors.prune(now)) this.#showDoor(door);
    await this.#flush();
  }

  // ── words between clients and calls ────────────────────────────────────────────────────────────────────────────────

  async #pass(call: CallId, event: SessionEvent): Promise<void> {
    this.#queue(call, event);
    await this.#flush();
  }

  #queue(call: CallId, event: SessionEvent): void {
    this.#outbox.add(call, { callId: call, event });
  }

  async #flush(): Promise<void> {
    this.ctx.waitUntil(this.#outbox.pump().then(() => this.#setAlarm()));
    await this.#setAlarm();
  }

  async #setAlarm(): Promise<void> {
    const now = Date.now();
    if (this.#watchAt <= now) this.#watchAt = now + watch;
    const watching = this.#legs.live().length > 0 ? this.#watchAt : undefined;
    await this.#alarm.by(this.#commands.nextDeadline(), this.#outbox.wakeAt(watch), watching, firstEnd(this.ctx));
  }

  /** To everyone who reaches the door, and to `asker`, who is told of what they asked even where they may not. */
  #broadcast(message: ToClient, deviceId: DeviceId, asker?: UserId): void {
    const text = JSON.stringify(message);
    for (const { socket, about } of clients(this.ctx))
      if (about.userId === asker || this.#mayReach(about, deviceId)) send(socket, text);
  }

  /** The object's name is the organisation's id. */
  #organisation(): OrganisationId {
    return this.ctx.id.name as OrganisationId;
  }
}
