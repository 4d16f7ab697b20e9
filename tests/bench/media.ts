/**
 * How many legs one gateway process carries, and at what price beside rtpengine relaying the same SRTP.
 *
 * `node tests/bench/media.ts [legs …]` (default 60): for each number, stations send 50 packets a second each, their phases
 * spread; every packet goes station → gateway → LiveKit → gateway → station, and its whole way is the delay. Expected: p99
 * under 20 ms with 60 legs in one process, CPU a leg at most 4 × rtpengine's.
 *
 * A leg of the gateway is a relay between the station and the room: 50 packets a second each way, 100 in all. So for each leg
 * rtpengine gets one relay between two stations, which is as many packets, each decrypted and encrypted anew.
 */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { startLiveKit } from "../media/livekit.ts";
import { passesForgedPackets } from "./media/forged.ts";
import type { FromGateway, ToGateway } from "./media/gateway.ts";
import { startRtpEngine } from "./media/rtpengine.ts";
import type { FromStations, ToStations } from "./media/stations.ts";

const measured = 8000;
const settling = 3000;
const base = Number(process.env.BENCH_PORT ?? 22_000);

type Result = { legs: number; cpuPerLeg: number; p50: number; p99: number; max: number; lost: number };

function start<To extends object, From extends { type: string }>(file: string) {
  const child: ChildProcess = fork(join(import.meta.dirname, "media", file), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return {
    child,
    /** Says something and waits for the answer of that type. */
    ask<Type extends From["type"]>(message: To, type: Type): Promise<Extract<From, { type: Type }>> {
      return new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`${file} ended`));
        child.once("exit", ended);
        child.on("message", function listen(reply: Extract<From, { type: Type }>) {
          if (reply.type !== type) return;
          child.off("message", listen);
          child.off("exit", ended);
          resolve(reply);
        });
        child.send(message);
      });
    },
  };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function throughGateway(legs: number): Promise<Result> {
  const liveKit = await startLiveKit(base + 900);
  const stations = start<ToStations, FromStations>("stations.ts");
  const gateway = start<ToGateway, FromGateway>("gateway.ts");
  try {
    const offers = await stations.ask({ type: "open", legs, firstPort: base + 2500, lastPort: base + 2999 }, "offers");
    const { url, apiKey, apiSecret } = liveKit;
    const call: ToGateway = { type: "calls", offers: offers.sdps, url, apiKey, apiSecret, base: base + 3000 };
    const answers = await gateway.ask(call, "answers");
    await stations.ask({ type: "answers", sdps: answers.sdps }, "sending");
    await pause(settling);
    const before = await gateway.ask({ type: "cpu" }, "cpu");
    const result = await stations.ask({ type: "measure", milliseconds: measured }, "measured");
    const after = await gateway.ask({ type: "cpu" }, "cpu");
    return { ...result, legs, cpuPerLeg: share(after.microseconds - before.microseconds, legs), lost: lostOf(result) };
  } finally {
    stations.child.disconnect();
    gateway.child.disconnect();
    await liveKit.stop();
  }
}

async function throughRtpEngine(legs: number): Promise<Result | undefined> {
  const engine = await startRtpEngine(base + 5000);
  if (!engine) return undefined;
  if (await passesForgedPackets(engine))
    throw new Error("rtpengine relays without reading: there is nothing to compare");
  const stations = start<ToStations, FromStations>("stations.ts");
  try {
    const offers = await stations.ask(
      { type: "open", legs: 2 * legs, firstPort: base + 2500, lastPort: base + 2999 },
      "offers",
    );
    const sdps: string[] = [];
    for (let i = 0; i < 2 * legs; i += 2)
      sdps.push(...(await engine.relay(offers.sdps[i] ?? "", offers.sdps[i + 1] ?? "")));
    await stations.ask({ type: "answers", sdps }, "sending");
    await pause(settling);
    const before = engine.cpu();
    const result = await stations.ask({ type: "measure", milliseconds: measured }, "measured");
    return { ...result, legs, cpuPerLeg: share(engine.cpu() - before, legs), lost: lostOf(result) };
  } finally {
    stations.child.disconnect();
    engine.stop();
  }
}

/** Per cent of a core, a leg. */
const share = (microseconds: number, legs: number) => microseconds / (measured * 10) / legs;
const lostOf = (result: { sent: number; received: number }) => Math.max(0, 1 - result.received / result.sent);

function say(who: string, result: Result): void {
  const perPacket = (result.cpuPerLeg / 100) * (1e6 / 100);
  console.log(
    `${who.padEnd(10)} ${String(result.legs).padStart(4)} legs  ${result.cpuPerLeg.toFixed(3)} % of a core a leg ` +
      `(${perPacket.toFixed(1)} µs a packet)  delay p50 ${result.p50.toFixed(1)} p99 ${result.p99.toFixed(1)} ` +
      `max ${result.max.toFixed(1)} ms  lost ${(result.lost * 100).toFixed(2)} %`,
  );
}

const numbers = process.argv.slice(2).map(Number);
let good = true;
for (const legs of numbers.length > 0 ? numbers : [60]) {
  const ours = await throughGateway(legs);
  say("gateway", ours);
  if (legs <= 60) good &&= ours.p99 < 20;
  const theirs = await throughRtpEngine(legs);
  if (!theirs) {
    console.log("rtpengine  is not installed (Debian package rtpengine-daemon)");
    continue;
  }
  say("rtpengine", theirs);
  const ratio = ours.cpuPerLeg / theirs.cpuPerLeg;
  console.log(`ratio      ${ratio.toFixed(2)} × (at most 4)`);
  good &&= ratio <= 4;
}
console.log(good ? "as expected" : "not as expected");
process.exit(good ? 0 : 1);
