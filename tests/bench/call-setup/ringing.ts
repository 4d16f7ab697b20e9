/** Press → rings, in turns with a bare push of the same workerd: warm, after the objects were evicted, and cold. */
import { setTimeout as pause } from "node:timers/promises";
import { enrolled } from "../../support/enrolled.ts";
import { type Listener, signIn, startListener } from "../../support/listener.ts";
import { type Presser, startPresser } from "../../support/presser.ts";
import { openBarePush } from "./bare-push.ts";
import type { House } from "./house.ts";

export interface RingingResult {
  /** INVITE left → the ring message came. */
  ring: number[];
  /** INVITE left → 180 came. */
  provisional: number[];
  bare: number[];
  cold: number[];
  coldBare: number[];
  evicted: number[];
  evictedBare: number[];
}

/** workerd lets go of an object after ten idle seconds; its sockets hibernate. */
const untilEvicted = 12_000;

/** Measures `calls` warm calls, and so many first ones after an eviction and after a start of workerd. */
export async function measureRinging(house: House, calls: number, firsts: number): Promise<RingingResult> {
  const { settings, secrets, door } = house;
  const origin = settings.publicOrigin;
  const cookie = await signIn(origin, "mara.lenz@lindenhof.example", secrets.DEMO_PASSWORD_MARA);
  await enrolled(
    {
      DATA_DIR: settings.dataDir,
      SIP_PORT: String(settings.SIP_PORT),
      DEVICE_HTTPS_PORT: String(settings.DEVICE_HTTPS_PORT),
    },
    door,
  );
  const presser = await startPresser(settings.dataDir, settings.SIP_PORT, door);
  const result: RingingResult = {
    ring: [],
    provisional: [],
    bare: [],
    cold: [],
    coldBare: [],
    evicted: [],
    evictedBare: [],
  };
  let listener = await startListener(origin, cookie);
  let bare = await openBarePush(house);

  // The very first call of this platform is a cold one too.
  result.cold.push((await ringOnce(presser, listener)).ring);
  result.coldBare.push((await bare.press(door)).took);
  for (let n = 1; n < firsts; n++) {
    listener.close();
    bare.close();
    await house.restartEdge();
    [listener, bare] = [await startListener(origin, cookie), await openBarePush(house)];
    await gatewayLinked(house);
    result.cold.push((await ringOnce(presser, listener)).ring);
    result.coldBare.push((await bare.press(door)).took);
  }

  for (let n = 0; n < 10; n++) await warm(n);
  for (let n = 0; n < calls; n++) {
    const { ring, provisional, bare } = await warm(n);
    result.ring.push(ring);
    result.provisional.push(provisional);
    result.bare.push(bare);
  }

  // What was not evicted after all, because the machine was busy, does not count.
  for (let tries = 0; result.evicted.length < firsts && tries < 2 * firsts; tries++) {
    const { instance } = await bare.press(door);
    await pause(untilEvicted);
    const { ring } = await ringOnce(presser, listener);
    const pushed = await bare.press(door);
    if (pushed.instance === instance) continue;
    result.evicted.push(ring);
    result.evictedBare.push(pushed.took);
  }
  listener.close();
  bare.close();
  presser.close();
  return result;

  /** Both, each time the other first: whatever else the machine does falls on both. */
  async function warm(n: number) {
    const before = n % 2 === 0 ? await bare.press(door) : undefined;
    const rung = await ringOnce(presser, listener);
    const pushed = before ?? (await bare.press(door));
    await pause(150 + 100 * Math.random());
    return { ...rung, bare: pushed.took };
  }
}

async function ringOnce(presser: Presser, listener: Listener): Promise<{ ring: number; provisional: number }> {
  const ringing = listener.next("ring");
  const recorded = listener.next("call-recorded");
  const press = await presser.press({ media: false });
  const { at, callId, legId } = await ringing;
  listener.say({ type: "rang", callId, legId });
  const provisional = (await press.rangAt) - press.pressedAt;
  press.end();
  await Promise.all([press.over, recorded]);
  return { ring: at - press.pressedAt, provisional };
}

/** Until the gateway has found the edge again. */
async function gatewayLinked({ settings }: House): Promise<void> {
  for (;;) {
    const health = await fetch(`http://127.0.0.1:${settings.GATEWAY_HEALTH_PORT}/health`);
    const { edge }: { edge: string } = JSON.parse(await health.text());
    if (edge === "up") return;
    await pause(50);
  }
}
