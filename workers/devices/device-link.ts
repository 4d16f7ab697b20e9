/**
 * The link to one media node's broker. It only carries: what is said reaches a connected device now or not at all. When the
 * broker says who is connected there, everyone else at that node is gone.
 */
import { DurableObject } from "cloudflare:workers";
import { brokerHello, type ToBroker } from "#core/messages/broker-link.ts";
import { connectDb } from "#db/client.ts";
import { nodeLost, onlyTheseAt } from "#db/queries/device-presence.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";

/** Bytes. A `hello` names every device that is connected. */
const largestMessage = 1 << 20;
/** A broker that is away this long has lost its devices. Shorter, and every restart of ours would flicker. Milliseconds. */
const awayTime = 10_000;

export class DeviceLink extends DurableObject<Env> {
  /** @returns whether there was a broker to carry it */
  tell(message: ToBroker): boolean {
    const [socket] = this.#sockets();
    if (!socket) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  /** Takes the broker's socket. Only `acceptBroker` calls this, after the token was checked. */
  override async fetch(): Promise<Response> {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    for (const older of this.#sockets()) older.close(4409, "replaced by a newer connection");
    this.ctx.acceptWebSocket(ours);
    await this.ctx.storage.deleteAlarm();
    return new Response(null, { status: 101, webSocket: theirs });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const hello = typeof data === "string" && data.length <= largestMessage ? readHello(data) : undefined;
    if (!hello) return socket.close(4400, "not understood");
    await onlyTheseAt(connectDb(this.env), this.#node(), hello.devices);
    log("broker linked", { node: this.#node(), devices: hello.devices.length });
  }

  override async webSocketClose(): Promise<void> {
    if (this.#sockets().length === 0) await this.ctx.storage.setAlarm(Date.now() + awayTime);
  }

  override async webSocketError(): Promise<void> {
    await this.webSocketClose();
  }

  /** The broker has not come back: nobody knows of its devices any more. */
  override async alarm(): Promise<void> {
    if (this.#sockets().length > 0) return;
    await nodeLost(connectDb(this.env), this.#node());
    log("broker lost", { node: this.#node() });
  }

  #sockets(): WebSocket[] {
    return this.ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
  }

  /** The object's name is the node's. */
  #node(): string {
    return this.ctx.id.name ?? "";
  }
}

function readHello(text: string) {
  try {
    return brokerHello.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
