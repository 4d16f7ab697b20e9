/** Devices' logs through the real worker, database and bucket: asked for and sent, streamed, looked at, and refused. */
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { type LogLine, largestLog, uploadTime, wholeLogType, writtenLines } from "#core/device/log.ts";
import { toBroker } from "#core/messages/broker-link.ts";
import { commandAsked } from "#core/messages/device-api.ts";
import { deviceLogContents, deviceLogList, streamedLines } from "#core/messages/device-logs.ts";
import { auditList } from "#core/messages/people.ts";
import { problem } from "#core/messages/portal-api.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { deviceCommand } from "#db/schema/device-command.ts";
import { deviceLog } from "#db/schema/device-log.ts";
import { bring } from "../testing/broker.ts";
import { claimedDevice } from "../testing/claimed.ts";
import { askAs, newMaker } from "../testing/factory.ts";
import { somebody } from "../testing/portal.ts";

const maker = await newMaker();
const line = (text: string, level: LogLine["level"] = "info"): LogLine => ({ at: 1_000, level, text });
const refusal = async (answer: Response) => {
  const { status, code } = problem.parse(await answer.json());
  return [status, code];
};
const packed = async (text: string) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();

/** A claimed device, whose broker is there unless it is `away`. */
async function loggingDevice(away = false) {
  const device = await claimedDevice(maker);
  const { portal, organisationId: owner, deviceId, own } = device;
  const node = `node-${crypto.randomUUID()}`;
  const told: unknown[] = [];
  if (!away) {
    const headers = { authorization: `Bearer ${env.MEDIA_NODE_TOKEN}`, upgrade: "websocket" };
    const { webSocket: broker } = await portal.ask(`/media-node/devices?node=${node}`, { headers });
    if (!broker) throw new Error("no socket");
    broker.addEventListener("message", ({ data }) => void told.push(toBroker.parse(JSON.parse(String(data)))));
    broker.accept();
    await bring(deviceId, { kind: "came" }, node);
  }
  const path = `/api/devices/${deviceId}/logs`;
  return {
    ...device,
    path,
    told,
    db: organisationDb(connectDb(env), owner),
    look: async () => deviceLogList.parse(await (await portal.ask(path)).json()),
    read: async (logId = "") => deviceLogContents.parse(await (await portal.ask(`${path}/${logId}`)).json()),
    askForIt: async () => commandAsked.parse(await (await portal.ask(path, { method: "POST" })).json()),
    upload: (commandId: string, body: BodyInit, type: string = wholeLogType) =>
      askAs(own, `/device/logs/${commandId}`, { method: "PUT", body, headers: { "content-type": type } }),
    stream: (body: BodyInit) =>
      askAs(own, "/device/log", { method: "POST", body, headers: { "content-type": "application/x-ndjson" } }),
    lookedAt: async () => {
      const { entries } = auditList.parse(await (await portal.ask("/api/audit")).json());
      return entries.map(({ what }) => what).filter((what) => what.type === "change" && what.action === "look-at-log");
    },
  };
}

describe("a log that is asked for", () => {
  it("is there once the device has sent it, without what nobody may read, and the audit says who looked", async () => {
    const { portal, ...device } = await loggingDevice();
    expect(await device.look()).toEqual({ logs: [] });
    const { commandId, state } = await device.askForIt();
    expect(state).toBe("sent");
    expect(device.told).toEqual([expect.objectContaining({ commandId, command: { do: "upload-log", lines: 5_000 } })]);
    expect((await device.look()).request).toMatchObject({ state: "asked", by: "Anna" });
    expect(await refusal(await portal.ask(device.path, { method: "POST" }))).toEqual([409, "asked-already"]);

    const lines = [line("starts"), line("pulls rtsp://a:hunter2@10.0.0.7/", "warn")];
    const body = await packed(`${writtenLines(lines)}nonsense\n`);
    for (const _again of [1, 2]) expect((await device.upload(commandId, body)).status).toBe(204);
    const { request, logs } = await device.look();
    expect(request?.state).toBe("arrived");
    expect(logs).toMatchObject([{ logId: commandId, streamed: false, askedBy: "Anna", lines: 2, warnings: 1 }]);
    expect(await device.lookedAt()).toEqual([]);
    for (const _again of [1, 2]) {
      const contents = await device.read(commandId);
      expect(contents.lines).toEqual([line("starts"), line("pulls rtsp://…@10.0.0.7/", "warn")]);
    }
    expect(await device.lookedAt()).toEqual([
      expect.objectContaining({ subject: device.deviceId, after: { logId: commandId } }),
    ]);
    const { objects } = await env.LOGS.list({ prefix: `${device.db.organisationId}/` });
    expect(objects.map(({ key }) => key)).toEqual([
      `${device.db.organisationId}/${device.deviceId}/${commandId}.ndjson`,
    ]);
    expect((await (await somebody()).portal.ask(`${device.path}/${commandId}`)).status).toBe(404);
  });

  it("is not to be had of a device that is away, and that is said at once", async () => {
    const device = await loggingDevice(true);
    expect((await device.askForIt()).state).toBe("offline");
    expect((await device.look()).request?.state).toBe("offline");
  });

  it("has failed where it does not come in time, and comes no more then", async () => {
    const device = await loggingDevice();
    const { commandId } = await device.askForIt();
    const askedAt = new Date(Date.now() - uploadTime);
    await device.db.update(deviceCommand).set({ askedAt }).where(eq(deviceCommand.id, commandId));
    expect((await device.look()).request?.state).toBe("failed");
    const late = await device.upload(commandId, await packed(writtenLines([line("late")])));
    expect(await refusal(late)).toEqual([409, "not-asked"]);
    expect((await device.askForIt()).state).toBe("sent");
  });

  it("is taken from the device that was asked, and from no other", async () => {
    const [device, other] = [await loggingDevice(), await loggingDevice()];
    const { commandId } = await device.askForIt();
    const body = await packed(writtenLines([line("another's")]));
    expect(await refusal(await other.upload(commandId, body))).toEqual([409, "not-asked"]);
    expect((await device.upload(crypto.randomUUID(), body)).status).toBe(409);
    expect(await refusal(await askAs(device.factory, `/device/logs/${commandId}`, { method: "PUT", body }))).toEqual([
      401,
      "certificate-not-good",
    ]);
  });

  it("is refused where it is damaged or too large, also where it is small until it is unpacked", async () => {
    const device = await loggingDevice();
    const { commandId } = await device.askForIt();
    const all = { logs: [], request: expect.objectContaining({ state: "asked" }) };
    expect(await refusal(await device.upload(commandId, "no gzip"))).toEqual([400, "not-gzip"]);
    const body = await packed(writtenLines([line("whole")]));
    expect(await refusal(await device.upload(commandId, body.slice(0, -9)))).toEqual([400, "not-gzip"]);
    expect(await refusal(await device.upload(commandId, body, "text/plain"))).toEqual([415, "not-gzip"]);
    expect(await refusal(await device.upload(commandId, new Uint8Array(300_000)))).toEqual([413, "too-large"]);
    const bomb = await packed("x".repeat(largestLog + 1));
    expect(await refusal(await device.upload(commandId, bomb))).toEqual([413, "too-large"]);
    expect(await device.look()).toEqual(all);
  });
});

describe("lines that a device streams", () => {
  it("are there while it goes on, of two connections both, and with what it said before it was cut off", async () => {
    const device = await loggingDevice();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const say = (text: string) => writer.write(new TextEncoder().encode(text));
    const streaming = device.stream(readable);
    const many = Array.from({ length: 800 }, (_, n) => line(`line ${n} ${"x".repeat(80)}`));
    void say(writtenLines(many));
    await vi.waitFor(async () => expect((await device.look()).logs).toMatchObject([{ lines: many.length }]), 20_000);

    const other = streamedLines.parse(await (await device.stream(writtenLines([line("other", "error")]))).json());
    expect(other).toEqual({ kept: 1, dropped: 0 });
    await say(`no line\n${writtenLines([line("last")])}{"at":1,`);
    await writer.close();
    expect(await (await streaming).json()).toEqual({ kept: 801, dropped: 2 });
    const { logs } = await device.look();
    expect(logs).toMatchObject([{ streamed: true, lines: 802, warnings: 1 }]);
    expect((await device.read(logs[0]?.logId)).lines.slice(-2)).toEqual([line("other", "error"), line("last")]);
  });

  it("are all kept, however many connections say them at the same moment", async () => {
    const device = await loggingDevice(true);
    const answers = await Promise.all([1, 2, 3, 4].map((n) => device.stream(writtenLines([line(`of ${n}`)]))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const [log] = (await device.look()).logs;
    expect((await device.read(log?.logId)).lines.map(({ text }) => text).toSorted()).toEqual(
      [1, 2, 3, 4].map((n) => `of ${n}`),
    );
    expect(log?.lines).toBe(4);
  });

  it("are kept up to the day's limit, and no longer than that", async () => {
    const device = await loggingDevice(true);
    const half = writtenLines(Array.from({ length: 600 }, () => line("x".repeat(900))));
    expect((await device.stream(half)).status).toBe(200);
    const answer = await device.stream(half);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusal(answer)).toEqual([429, "log-full"]);
    const [row] = await device.db.select().from(deviceLog).where(eq(deviceLog.deviceId, device.deviceId));
    expect(row?.octets).toBeLessThanOrEqual(largestLog);
  });

  it("are refused without a good certificate, as another type, and without an end", async () => {
    const device = await loggingDevice(true);
    const headers = { "content-type": "application/x-ndjson" };
    const body = writtenLines([line("x")]);
    expect((await askAs(undefined, "/device/log", { method: "POST", body, headers })).status).toBe(401);
    expect((await askAs(device.own, "/device/log", { method: "POST", body })).status).toBe(415);
    expect(await refusal(await device.stream("x".repeat(10_000)))).toEqual([413, "too-long"]);
    await device.portal.ask(`/api/devices/${device.deviceId}/revoke`, { method: "POST" });
    expect((await device.stream(body)).status).toBe(401);
    expect((await device.look()).logs).toEqual([]);
  });
});
