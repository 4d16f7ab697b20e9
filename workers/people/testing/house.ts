/** A house whose people and doors change hands, as its people see it through the routes, and everything that was ever given out. */
import { env } from "cloudflare:workers";
import type * as x509 from "@peculiar/x509";
import { expect } from "vitest";
import { claimProgress, released } from "#core/messages/claiming.ts";
import { type FromClient, type ToClient, toClient } from "#core/messages/client.ts";
import { clientId, type DeviceId, deviceId, legId, type OrganisationId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { saveCall, saveSnapshot } from "#db/queries/calls.ts";
import { recordOf } from "#db/testing/house.ts";
import { acceptMediaNode, doorStates } from "../../calls/routes.ts";
import { MediaNode, newCallId, until } from "../../calls/testing/house.ts";
import { certificateIn, enrol, type newMaker, requestWith } from "../../testing/factory.ts";
import type { Portal } from "../../testing/portal.ts";

/** Somebody's socket, with all that came over it. */
export interface Socket {
  by: Portal;
  closed: boolean;
  /** What they saw of doors when it opened. */
  doors: DeviceId[];
  say(message: FromClient): void;
  /** The first message of which this is true, whether it came or comes. */
  heard<T extends ToClient["type"]>(
    type: T,
    fits: (message: Extract<ToClient, { type: T }>) => boolean,
  ): Promise<Extract<ToClient, { type: T }>>;
}

export async function openSocket(portal: Portal): Promise<Socket> {
  const { socket, closed } = await portal.live();
  const all: ToClient[] = [];
  socket.addEventListener("message", ({ data }) => all.push(toClient.parse(JSON.parse(String(data)))));
  const opened: Socket = {
    by: portal,
    closed: false,
    doors: [],
    say: (message) => socket.send(JSON.stringify(message)),
    heard<T extends ToClient["type"]>(type: T, fits: (message: Extract<ToClient, { type: T }>) => boolean) {
      const isIt = (message: ToClient): message is Extract<ToClient, { type: T }> => message.type === type;
      return until(() => all.filter(isIt).find(fits));
    },
  };
  closed.then(() => {
    opened.closed = true;
  });
  opened.say({ type: "hello", protocol: 1, clientId: clientId.parse(crypto.randomUUID()), available: true });
  opened.doors = (await opened.heard("welcome", () => true)).doors.map((one) => one.deviceId);
  return opened;
}

/** A media node at which the house's doors register. */
export async function linkNode(organisation: OrganisationId) {
  const name = `node-${crypto.randomUUID()}`;
  const headers = { upgrade: "websocket", authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` };
  const request = new Request(`https://edge/media-node/link?node=${name}`, { headers });
  const { webSocket } = await acceptMediaNode(env, request);
  if (!webSocket) throw new Error("no socket");
  const node = new MediaNode(name, webSocket);
  node.hello();
  await node.inbox.next("welcome");
  const known = async () => (await doorStates(env, organisation)).map((door) => door.deviceId);

  return {
    known,
    /** The door comes, and the house knows. */
    async register(door: DeviceId): Promise<void> {
      node.say({ type: "registered", deviceId: door, at: Date.now() });
      await until(async () => (await known()).includes(door));
    },
    /** As when its connection ends by the revocation. */
    unregister: (door: DeviceId) =>
      node.say({ type: "unregistered", deviceId: door, at: Date.now(), reason: "flow-lost" }),
    press(door: DeviceId) {
      const callId = newCallId();
      const station = legId.parse(crypto.randomUUID());
      node.say({ type: "press", callId, legId: station, deviceId: door, button: "bell", at: Date.now(), video: false });
      return {
        callId,
        /** The leg is taken out of the room, or the whole call ends. */
        isOut: (leg: string) =>
          until(() =>
            node.inbox.all.some(
              (message) =>
                "callId" in message &&
                message.callId === callId &&
                (message.type === "end" ||
                  message.type === "refuse" ||
                  (message.type === "dismiss" && message.listeners.some((one) => one === leg))),
            ),
          ),
        leave: () => node.say({ type: "caller-left", callId, at: Date.now() }),
      };
    },
  };
}

/** What a token for LiveKit says of itself. */
export function claimsOf(token: string): { sub: string; nbf: number; exp: number; video: { room: string } } {
  const [, body = ""] = token.split(".");
  return JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/")));
}

/** A call at that door, with a picture. */
export async function picturedCall(db: OrganisationDb, door: DeviceId) {
  const record = recordOf({ organisationId: db.organisationId, door });
  await saveCall(db, record);
  await saveSnapshot(db, record.callId, record.startedAt);
  await env.SNAPSHOTS.put(`calls/${record.callId}.jpg`, new Uint8Array([0xff, 0xd8, 0xff]));
  return record.callId;
}

/** A device that changes hands, with every certificate it ever had. */
export async function newDevice(maker: Awaited<ReturnType<typeof newMaker>>) {
  const made = await maker.device();
  let { code } = made;
  const certificates: x509.X509Certificate[] = [];

  return {
    certificates,
    /** Claims it by its code, which waits for a press. @returns its id; nothing where the claim was refused */
    async claim(by: Portal, siteId: string | undefined): Promise<DeviceId | undefined> {
      expect((await enrol(made.factory, await requestWith())).status).toBe(202);
      const answer = await by.ask("/api/claims", { body: { code, name: "Door 2", siteId } });
      if (answer.status !== 201) return undefined;
      await made.press();
      return claimProgress.parse(await answer.json()).deviceId;
    },
    async enrol(): Promise<void> {
      certificates.push(await certificateIn(await enrol(made.factory, await requestWith())));
    },
    async release(by: Portal, id: DeviceId): Promise<boolean> {
      const answer = await by.ask(`/api/devices/${id}/release`, { method: "POST" });
      if (answer.status !== 200) return false;
      code = released.parse(await answer.json()).code;
      return true;
    },
  };
}

export const newDoorId = () => deviceId.parse(crypto.randomUUID());
