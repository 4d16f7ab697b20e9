/**
 * What a ring is measured against: one hibernating WebSocket says which door was pressed, the object asks the database
 * what the call's object asks, stores what it found and pushes it to every other socket. No plan, no tokens, no link
 * that keeps its messages, no object of the call's own.
 */
import { DurableObject } from "cloudflare:workers";
import { deviceId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { callContext } from "#db/queries/calls.ts";
import type { Env } from "../env.ts";

interface BareEnv extends Env {
  BARE_PUSH: DurableObjectNamespace<BarePush>;
}

export class BarePush extends DurableObject<BareEnv> {
  /** Another one after each eviction: that is how the benchmark knows. */
  readonly #instance = crypto.randomUUID();

  override async fetch(): Promise<Response> {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const door = deviceId.parse(data);
    const found = await callContext(connectDb(this.env), door, Date.now());
    this.ctx.storage.kv.put("pressed", { ...found, at: Date.now() });
    const text = JSON.stringify({ type: "ring", instance: this.#instance, ...found });
    for (const other of this.ctx.getWebSockets()) if (other !== socket) other.send(text);
  }
}

export default {
  fetch: (request: Request, env: BareEnv): Promise<Response> => env.BARE_PUSH.getByName("house").fetch(request),
};
