/** Two sockets on the bare push: one presses straight at the edge, as the gateway does; one listens through the front. */
import { once } from "node:events";
import WebSocket from "ws";
import { clockNow } from "../../support/presser.ts";
import type { House } from "./house.ts";

export interface BarePush {
  /** @returns how long the push took, in milliseconds, and which instance of the object sent it */
  press(deviceId: string): Promise<{ took: number; instance: string }>;
  close(): void;
}

export async function openBarePush({ settings }: House): Promise<BarePush> {
  const presser = new WebSocket(`ws://127.0.0.1:${settings.MINIFLARE_PORT}/bare/press`);
  const listener = new WebSocket(`${settings.publicOrigin.replace(/^http/, "ws")}/bare/listen`);
  await Promise.all([once(presser, "open"), once(listener, "open")]);
  return {
    async press(deviceId) {
      const pushed = new Promise<{ at: number; instance: string }>((resolve, reject) => {
        listener.once("message", (data) => resolve({ at: clockNow(), ...JSON.parse(data.toString()) }));
        listener.once("close", () => reject(new Error("the bare push closed its socket")));
      });
      const pressedAt = clockNow();
      presser.send(deviceId);
      const { at, instance } = await pushed;
      listener.removeAllListeners("close");
      return { took: at - pressedAt, instance };
    },
    close() {
      presser.close();
      listener.close();
    },
  };
}
