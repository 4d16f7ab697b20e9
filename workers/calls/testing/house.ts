/** A house for tests: an organisation with a door and members, their browsers, and a media node that speaks the protocol. */
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { type FromClient, type ToClient, toClient } from "#core/messages/client.ts";
import { type FromGateway, type ToGateway, toGateway } from "#core/messages/media-node.ts";
import type { Role } from "#core/messages/portal-api.ts";
import {
  callId,
  clientId,
  commandId,
  type DeviceId,
  deviceId,
  legId,
  organisationId,
  userId,
} from "#core/messages/values.ts";
import { acceptClient, acceptMediaNode } from "../routes.ts";
import { doors } from "./directory.ts";

type Numbered = Exclude<FromGateway, { type: "hello" }>;
export const newCallId = () => callId.parse(crypto.randomUUID());
export const newCommandId = () => commandId.parse(crypto.randomUUID());

/** Waits for what the objects do by themselves. Patient: the machine may be busy with other tests. */
export const until = <T>(look: () => T | Promise<T>) => vi.waitUntil(look, { timeout: 10_000, interval: 5 });

/** Messages that came over a socket, and waiting for one without a clock. */
export class Inbox<Message extends { type: string }> {
  readonly all: Message[] = [];
  #taken = 0;
  #waiting: (() => void)[] = [];

  push(message: Message): void {
    this.all.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The next message of this type that was not taken yet. Earlier ones of other types are passed over. */
  async next<T extends Message["type"]>(type: T): Promise<Extract<Message, { type: T }>> {
    for (;;) {
      const at = this.all.findIndex((message, n) => n >= this.#taken && message.type === type);
      const found = this.all[at];
      if (found) {
        this.#taken = at + 1;
        return found as Extract<Message, { type: T }>;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  of<T extends Message["type"]>(type: T): Extract<Message, { type: T }>[] {
    return this.all.filter((message): message is Extract<Message, { type: T }> => message.type === type);
  }
}

export class Browser {
  readonly inbox: Inbox<ToClient>;
  readonly clientId;
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;

  /** @param inbox an earlier socket's, to go on where it left */
  constructor(socket: WebSocket, id = clientId.parse(crypto.randomUUID()), inbox = new Inbox<ToClient>()) {
    this.#socket = socket;
    this.inbox = inbox;
    this.clientId = id;
    socket.addEventListener("message", ({ data }) => this.inbox.push(toClient.parse(JSON.parse(String(data)))));
    this.closed = new Promise((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
    socket.accept();
  }

  say(message: FromClient | string): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  hangUpSocket(): void {
    this.#socket.close(1000, "closed by the test");
  }

  /** What this browser shows: the calls that make a noise here. */
  ringing(): Set<string> {
    const calls = new Set<string>();
    for (const message of this.inbox.all) {
      // A ring that a new connection does not say again ends by itself (portal/src/live/reducer.ts).
      if (message.type === "welcome") calls.clear();
      if (message.type === "ring") calls.add(message.callId);
      if (message.type === "ring-end" || message.type === "talking") calls.delete(message.callId);
    }
    return calls;
  }
}

export class MediaNode {
  readonly inbox = new Inbox<ToGateway>();
  readonly epoch: string;
  readonly name: string;
  received = 0;
  #seq = 0;
  #linked = false;
  /** Every frame said, by its number: what the edge lacks is said again after a reconnect. */
  readonly #said: string[] = [];
  #socket: WebSocket | undefined;

  constructor(name: string, socket: WebSocket, epoch: string = crypto.randomUUID()) {
    this.name = name;
    this.epoch = epoch;
    this.#socket = this.#listen(socket);
  }

  #listen(socket: WebSocket): WebSocket {
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return; // on its way when the link was dropped: lost
      const json = JSON.parse(String(data));
      if ("type" in json) {
        const welcome = toGateway.parse(json);
        this.#linked = true;
        for (const frame of this.#said.slice("received" in welcome ? welcome.received : 0)) socket.send(frame);
        this.inbox.push(welcome);
      }
      if (!("seq" in json) || json.seq <= this.received) return;
      this.received = json.seq;
      socket.send(JSON.stringify({ ack: json.seq }));
      this.inbox.push(toGateway.parse(json.body));
    });
    socket.accept();
    return socket;
  }

  hello(about: Partial<Extract<FromGateway, { type: "hello" }>> = {}): void {
    const { name: nodeId, epoch, received } = this;
    const hello = { type: "hello", protocol: 1, nodeId, epoch, received, registrations: [], liveCalls: [] };
    this.#socket?.send(JSON.stringify({ ...hello, ...about }));
  }

  /** @param times how often the very same frame is sent */
  say(body: Numbered, times = 1): void {
    const text = JSON.stringify({ seq: ++this.#seq, ack: this.received, body });
    this.#said.push(text);
    if (!this.#linked) return;
    for (let n = 0; n < times; n++) this.#socket?.send(text);
  }

  sayRaw(text: string): void {
    this.#socket?.send(text);
  }

  drop(): void {
    this.#linked = false;
    this.#socket?.close(1000, "dropped by the test");
    this.#socket = undefined;
  }

  async relink(): Promise<void> {
    this.#socket = this.#listen(await mediaNodeSocket(this.name));
  }
}

async function mediaNodeSocket(name: string): Promise<WebSocket> {
  const response = await acceptMediaNode(
    env,
    new Request(`https://edge/media-node/link?node=${name}`, {
      headers: { upgrade: "websocket", authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` },
    }),
  );
  return opened(response);
}

/** Asks again while something has changed in the same moment, as browsers do. */
export async function settled(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await ask();
    if (response.status !== 409) return response;
  }
}

function opened(response: Response): WebSocket {
  expect(response.status).toBe(101);
  if (!response.webSocket) throw new Error("no socket");
  return response.webSocket;
}

export async function house(members: Record<string, Role> = { mara: "owner", jonas: "operator" }) {
  const organisation = organisationId.parse(crypto.randomUUID());
  const door = deviceId.parse(crypto.randomUUID());
  const people = Object.entries(members).map(([name, role]) => ({
    userId: userId.parse(`${name} ${organisation}`),
    name,
    role,
  }));
  doors.set(door, {
    organisationId: organisation,
    deviceId: door,
    door: "Main entrance",
    site: "Lindenhof 4",
    buttons: [{ key: "reception", label: "Reception" }],
    openers: [{ output: 1, name: "Street door", pulse: 6_000, confirm: "hold", openedBy: "everybody" }],
    members: people,
  });

  /** Opens a browser of this member. @param id of an earlier one, to be the same client again */
  async function browser(
    name: string,
    options: {
      available?: boolean;
      session?: string;
      until?: number;
      reach?: DeviceId[];
      id?: Browser["clientId"];
      inbox?: Browser["inbox"];
    } = {},
  ): Promise<Browser> {
    const person = people.find((one) => one.name === name);
    if (!person) throw new Error(`no member ${name}`);
    const request = new Request("https://edge/api/live", {
      headers: { upgrade: "websocket", origin: env.PUBLIC_ORIGIN },
    });
    const doors = options.reach ?? [door];
    const reach = () => ({ doors, lookedUpAt: Date.now(), ...(options.until ? { until: options.until } : {}) });
    const known = { ...person, organisationId: organisation };
    const sessionId = options.session ?? `session of ${name}`;
    const opening = new Browser(
      opened(await settled(() => acceptClient(env, request, { ...known, sessionId }, reach()))),
      options.id,
      options.inbox,
    );
    opening.say({ type: "hello", protocol: 1, clientId: opening.clientId, available: options.available ?? true });
    await opening.inbox.next("welcome");
    return opening;
  }

  async function mediaNode(): Promise<MediaNode> {
    const name = `node-${crypto.randomUUID()}`;
    const node = new MediaNode(name, await mediaNodeSocket(name));
    node.hello();
    await node.inbox.next("welcome");
    return node;
  }

  /** A media node at which the door is registered, seen so by this browser. */
  async function registered(by: Browser): Promise<MediaNode> {
    const node = await mediaNode();
    node.say({ type: "registered", deviceId: door, at: Date.now() });
    await by.inbox.next("door-state");
    return node;
  }

  function press(node: MediaNode, call = newCallId(), times = 1) {
    const stationLeg = legId.parse(crypto.randomUUID());
    node.say(
      {
        type: "press",
        callId: call,
        legId: stationLeg,
        deviceId: door,
        button: "reception",
        at: Date.now(),
        video: true,
      },
      times,
    );
    return call;
  }

  return { organisation, door, browser, mediaNode, registered, press };
}
