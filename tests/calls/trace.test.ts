/** One call through the whole platform, as an OpenTelemetry collector sees it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoDevices } from "../../media-nodes/supervisor/demo.ts";
import { enrolled } from "../support/enrolled.ts";
import { signIn, startListener } from "../support/listener.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../support/otlp.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { startPresser } from "../support/presser.ts";

let collector: Collector;
let platform: Platform;
let traceId: string;
let spans: ReceivedSpan[];

beforeAll(async () => {
  collector = await startCollector();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const { email, password } = platform.accounts.mara;
  const mara = await startListener(platform.origin, await signIn(platform.origin, email, password));
  const [door = ""] = demoDevices;
  await enrolled(stationSettings(platform), door);
  const station = await startPresser(platform.dataDir, platform.sipPort, door);
  const ringing = mara.next("ring");
  const [pictured, roomReady] = [mara.next("snapshot"), mara.next("media-ready")];
  const press = await station.press({ media: true });
  const { callId, legId } = await ringing;
  mara.say({ type: "rang", callId, legId });
  await Promise.all([pictured, roomReady]);
  mara.say({ type: "answer", callId, legId, camera: false });
  await press.answeredAt;
  const recorded = mara.next("call-recorded");
  press.end();
  await recorded;
  mara.close();
  station.close();
  traceId = callId.replaceAll("-", "");
  await Promise.all(["call", "record", "call session"].map((name) => collector.received(traceId, name)));
  spans = collector.spans.filter((span) => span.traceId === traceId);
});

afterAll(async () => {
  await platform?.stop();
  await collector?.stop();
});

const named = (name: string): ReceivedSpan => {
  const found = spans.find((span) => span.name === name);
  if (!found) throw new Error(`no span "${name}"; came: ${spans.map((span) => span.name).join(", ")}`);
  return found;
};

test("the call is one trace, all of it hanging below the gateway's call", () => {
  const known = new Set(spans.map((span) => span.spanId));
  expect(known.size).toBe(spans.length);
  expect(spans.filter((span) => span.parentSpanId === undefined)).toEqual([named("call")]);
  expect(spans.filter((span) => span.parentSpanId !== undefined && !known.has(span.parentSpanId))).toEqual([]);
  expect(named("call").service).toBe("sip-gateway");
});

test.each([
  ["INVITE to 180", "call", "sip-gateway"],
  ["INVITE to 183", "call", "sip-gateway"],
  ["room join", "call", "sip-gateway"],
  ["first media of the station", "call", "sip-gateway"],
  ["take snapshot", "call", "sip-gateway"],
  ["store snapshot", "call", "edge"],
  ["call session", "call", "edge"],
  ["plan", "call session", "edge"],
  ["ring", "call session", "edge"],
  ["told to rang", "call session", "edge"],
  ["answered to confirmed", "call session", "edge"],
  ["answer", "call session", "sip-gateway"],
  ["record", "call session", "edge"],
])('"%s" is a part of "%s", told by the %s', (name, parent, service) => {
  expect(named(name)).toMatchObject({ parentSpanId: named(parent).spanId, service });
});

test("what follows from something else does not begin before it", () => {
  const order = ["call", "call session", "plan", "ring", "answered to confirmed", "record"].map(named);
  const begins = order.map((span) => span.startTimeUnixNano);
  // The edge's clock stands still between two awaits and has whole milliseconds.
  expect(begins.map(Math.floor)).toEqual(begins.map(Math.floor).toSorted((a, b) => a - b));
  for (const span of spans) expect(span.endTimeUnixNano).toBeGreaterThanOrEqual(span.startTimeUnixNano);
});

test("the edge counts the call, its receivers and what is connected, for who has the media nodes' token", async () => {
  const { MEDIA_NODE_TOKEN } = platform.secrets;
  expect((await fetch(`${platform.origin}/metrics`)).status).toBe(401);
  const headers = { authorization: `Bearer ${MEDIA_NODE_TOKEN}` };
  const metrics = await (await fetch(`${platform.origin}/metrics`, { headers })).text();
  for (const line of [
    'symphony_edge_calls_total{direction="from-station"} 1',
    'symphony_edge_calls_ended_total{reason="hung-up-by-station"} 1',
    'symphony_edge_legs_total{fate="answered"} 1',
    "symphony_edge_live_calls 0",
    "symphony_edge_outbox_waiting 0",
  ])
    expect(metrics.split("\n")).toContain(line);
  expect(metrics).toMatch(/^symphony_edge_registrations \d+$/m);
});

test("nobody's name, no token and no address of a picture is in it", () => {
  const text = collector.text();
  expect(text).not.toMatch(/Mara|Lenz|Main entrance|Lindenhof 4|@|eyJ|Bearer|signature=/);
  for (const secret of Object.values(platform.secrets)) expect(text).not.toContain(secret);
});
