/** An organisation with devices that run a release, and what is published for them, for tests of the routes. */
import { env } from "cloudflare:workers";
import { metadataName } from "#core/firmware/addresses.ts";
import { publishedRelease } from "#core/firmware/published.ts";
import { digestOf, signedFile, signingKey, tufMoment } from "#core/firmware/signing.ts";
import { day, newTimestamp } from "#core/firmware/timestamp.ts";
import { type ToBroker, toBroker } from "#core/messages/broker-link.ts";
import { firmwareOverview, rolloutDetail } from "#core/messages/firmware-api.ts";
import { commandId, type DeviceId, deviceId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { deviceConfiguration } from "#db/schema/configuration.ts";
import { device } from "#db/schema/device.ts";
import { factoryIdentity, maker } from "#db/schema/identity.ts";
import { site } from "#db/schema/organisation.ts";
import type { Tell } from "../firmware/moving.ts";
import { somebody } from "./portal.ts";

export const plate = { model: "ID8 TD", revision: "AA" };

interface Published {
  number: number;
  critical?: boolean;
  note?: string;
  /** A digit: the same contents have the same one. */
  contents: string;
}

const metaOf = async (text: string) => ({
  version: 1,
  length: text.length,
  hashes: { sha256: await digestOf(Uint8Array.from(new TextEncoder().encode(text))) },
});

/** Puts these releases for {@link plate}, and no others, into the bucket. */
export async function publishAll(releases: readonly Published[]): Promise<void> {
  const targets = Object.fromEntries(
    releases.map(({ contents, ...one }) => {
      const about = { ...plate, class: "MX", securityFloor: 0, size: 7_000_000, image: contents.repeat(64), ...one };
      return [`${one.number}.json`, { custom: publishedRelease.parse(about) }];
    }),
  );
  const targetsFile = await signedFile({ targets }, []);
  const expires = tufMoment(Date.now() + 100 * day);
  const snapshotFile = await signedFile({ expires, meta: { "targets.json": await metaOf(targetsFile) } }, []);
  const stamp = newTimestamp(0, await metaOf(snapshotFile), Date.now());
  const key = await signingKey(env.FIRMWARE_TIMESTAMP_KEY);
  await env.FIRMWARE.put(metadataName.targets(1), targetsFile);
  await env.FIRMWARE.put(metadataName.snapshot(1), snapshotFile);
  await env.FIRMWARE.put(metadataName.timestamp, await signedFile(stamp, [key]));
}

/** Somebody with so many connected devices that run release 1, at a site in UTC. */
export async function fleetOf(count: number, node = "nowhere") {
  const person = await somebody();
  const { portal, db, organisationId } = person;
  const siteId = crypto.randomUUID();
  const makerId = crypto.randomUUID();
  const ids = Array.from({ length: count }, () => deviceId.parse(crypto.randomUUID())).toSorted();
  await db.insert(site).values({ id: siteId, organisationId, name: "Lindenhof 4" });
  await db
    .insert(device)
    .values(ids.map((id, n) => ({ ...{ id, organisationId, siteId, ...plate }, name: `Door ${n}`, serial: `S${n}` })));
  await db
    .insert(deviceConfiguration)
    .values(ids.map((id) => ({ organisationId, deviceId: id, connectedTo: node, release: 1 })));
  const platform = connectDb(env);
  await platform
    .insert(maker)
    .values({ id: makerId, name: "Maker", certificate: env.SERVER_AUTHORITY, models: [plate.model] });
  await platform.insert(factoryIdentity).values(
    ids.map((id) => ({
      ...{ id, makerId, serial: id, ...plate },
      codeHmac: crypto.randomUUID(),
      holderId: organisationId,
    })),
  );

  /** Who was told what, in turn. Every one of them had a connection, unless it is `away`. */
  const told: { id: DeviceId; release: number | undefined }[] = [];
  const away = new Set<DeviceId>();
  const tell: Tell = async (own, id, command) => {
    if (own.organisationId === organisationId && !away.has(id) && command.do === "update-firmware")
      told.push({ id, release: command.release });
    return { commandId: commandId.parse(crypto.randomUUID()), state: away.has(id) ? "offline" : "sent" };
  };
  const toldAt = (n: number) => {
    const found = told[n];
    if (!found) throw new Error(`nobody was told ${n + 1} times`);
    return found;
  };
  return {
    ...person,
    toldAt,
    ids,
    siteId,
    told,
    away,
    tell,
    look: async () => firmwareOverview.parse(await (await portal.ask("/api/firmware")).json()),
    ofRollout: async (id: string) => rolloutDetail.parse(await (await portal.ask(`/api/rollouts/${id}`)).json()),
    /** A media node's broker. `heard` resolves to the first command it is to carry. */
    async openBroker(name: string) {
      const headers = { upgrade: "websocket", authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` };
      const { webSocket: socket } = await portal.ask(`/media-node/devices?node=${name}`, { headers });
      if (!socket) throw new Error("no socket");
      const heard = new Promise<Extract<ToBroker, { type: "command" }>>((resolve) =>
        socket.addEventListener("message", ({ data }) => {
          const message = toBroker.parse(JSON.parse(String(data)));
          if (message.type === "command") resolve(message);
        }),
      );
      socket.accept();
      return { socket, heard };
    },
    decide: (id: string, what: string) => portal.ask(`/api/rollouts/${id}`, { body: { do: what } }),
  };
}
