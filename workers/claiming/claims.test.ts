/** Claims through the real worker: who gets a device, who is told what, and who is slowed down. */
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { codeFrom, printed } from "#core/device/claim-code.ts";
import { claimProgress, released } from "#core/messages/claiming.ts";
import { auditList } from "#core/messages/people.ts";
import { doorList, problem } from "#core/messages/portal-api.ts";
import { changesOf } from "#db/queries/device-list.ts";
import { member } from "#db/schema/organisation.ts";
import { certificateIn, enrol, newMaker, requestWith } from "../testing/factory.ts";
import { refusal, somebody } from "../testing/portal.ts";
import { tryCode } from "./code-attempts.ts";

type Somebody = Awaited<ReturnType<typeof somebody>>;

const claimOf = ({ portal }: Somebody, code: string, address = portal.address) =>
  portal.ask("/api/claims", { body: { code }, headers: { "cf-connecting-ip": address } });
const wrongCode = () => printed(codeFrom(crypto.getRandomValues(new Uint8Array(10))));
const opened = async (answer: Response) => {
  expect(answer.status).toBe(201);
  return claimProgress.parse(await answer.json());
};
const progressOf = async ({ portal }: Somebody, claimId: string) =>
  claimProgress.parse(await (await portal.ask(`/api/claims/${claimId}`)).json());

/** What was done since the house was founded, by whom, and what was shown of it before and after. The newest first. */
const auditOf = async ({ portal }: Somebody) =>
  auditList
    .parse(await (await portal.ask("/api/audit")).json())
    .entries.flatMap(({ what, by }) =>
      what.type === "change" ? [[what.action, by?.name, what.before, what.after]] : [],
    )
    .filter(([action]) => action !== "found-organisation");

const maker = await newMaker();
/** A device that waits for its claim, online. */
async function online() {
  const device = await maker.device();
  const request = await requestWith();
  expect((await enrol(device.factory, request)).status).toBe(202);
  return { ...device, request };
}

describe("a right code", () => {
  it("waits for somebody at the device, and a press gives it", async () => {
    const [anna, device] = [await somebody(), await online()];
    const { claimId, state } = await opened(await claimOf(anna, device.code));
    expect(state).toBe("waiting");
    expect((await enrol(device.factory, device.request)).status).toBe(202);
    await device.press();
    expect((await progressOf(anna, claimId)).state).toBe("present");
    const certificate = await certificateIn(await enrol(device.factory, device.request));
    expect((await progressOf(anna, claimId)).state).toBe("enrolled");
    const { deviceId } = await progressOf(anna, claimId);
    expect(certificate.subject).toBe(`CN=${deviceId}`);
    const doors = await (await anna.portal.ask("/api/doors")).json<{ doors: { deviceId: string; name: string }[] }>();
    expect(doors.doors).toMatchObject([{ deviceId, name: "WS 301V CM", openers: [{ output: 1 }, { output: 2 }] }]);
  });

  it("given by a resident shares the device with them, and no other", async () => {
    const [anna, device, other] = [await somebody(), await online(), await online()];
    await opened(await claimOf(anna, other.code));
    await other.press();
    await anna.db.update(member).set({ role: "resident" }).where(eq(member.userId, anna.userId));
    const doors = async () =>
      doorList.parse(await (await anna.portal.ask("/api/doors")).json()).doors.map(({ deviceId }) => deviceId);
    expect(await doors()).toEqual([]);
    const { deviceId } = await opened(await claimOf(anna, device.code));
    expect(await doors()).toEqual([]);
    await device.press();
    expect(await doors()).toEqual([deviceId]);
    const [line] = await changesOf(anna.db, 1, anna.userId);
    expect(line).toMatchObject({ action: "share-door", after: { name: "Anna", place: "WS 301V CM" } });
  });

  it("is worth nothing while the device is not online", async () => {
    const [anna, device] = [await somebody(), await maker.device()];
    expect(await refusal(await claimOf(anna, device.code))).toEqual([409, "device-offline"]);
  });

  it("given twice is one claim", async () => {
    const [anna, device] = [await somebody(), await online()];
    const first = await opened(await claimOf(anna, device.code));
    expect((await opened(await claimOf(anna, device.code))).claimId).toBe(first.claimId);
  });

  it("tells who has it, and nobody else, that the device is another's", async () => {
    const [anna, ben, device] = [await somebody(), await somebody(), await online()];
    await device.press();
    expect((await opened(await claimOf(anna, device.code))).state).toBe("present");
    expect(await refusal(await claimOf(ben, device.code))).toEqual([409, "claimed-elsewhere"]);
    expect(await refusal(await claimOf(anna, device.code))).toEqual([409, "claimed-already"]);
  });

  it("is not enough for a model too old, and says what is", async () => {
    const [anna, device] = [await somebody(), await maker.device(undefined, undefined, "AB")];
    await enrol(device.factory, await requestWith());
    const answer = await claimOf(anna, device.code);
    expect(answer.status).toBe(422);
    expect(problem.parse(await answer.json()).detail).toContain("AC or newer");
  });
});

describe("two organisations with one code", () => {
  it("both wait: a press gives it to neither, and both are told", async () => {
    const [anna, ben, device] = [await somebody(), await somebody(), await online()];
    const claims = [await opened(await claimOf(anna, device.code)), await opened(await claimOf(ben, device.code))];
    await device.press();
    expect([await auditOf(anna), await auditOf(ben)]).toEqual([[], []]);
    for (const [at, who] of [anna, ben].entries())
      expect(await progressOf(who, claims[at]?.claimId ?? "")).toMatchObject({
        state: "failed",
        reason: "several-waiting",
      });
    expect((await enrol(device.factory, device.request)).status).toBe(202);
    // Who presses and then is first has it.
    await device.press();
    expect((await opened(await claimOf(ben, device.code))).state).toBe("present");
  });

  it("race for it after a press: one gets it, whoever it is", async () => {
    for (let round = 0; round < 5; round++) {
      const [anna, ben, device] = [await somebody(), await somebody(), await online()];
      await device.press();
      const answers = await Promise.all([claimOf(anna, device.code), claimOf(ben, device.code)]);
      const states = await Promise.all(
        answers.map(async (answer, at) => {
          const who = at === 0 ? anna : ben;
          if (answer.status !== 201) return (await refusal(answer))[1];
          const { claimId } = claimProgress.parse(await answer.json());
          const { state, reason } = await progressOf(who, claimId);
          return state === "failed" ? reason : state;
        }),
      );
      expect(states.toSorted()).toEqual(["claimed-elsewhere", "present"]);
    }
  });
});

describe("guessing", () => {
  it("is told nothing, and slowed down for the account", async () => {
    const anna = await somebody();
    const guess = () => claimOf(anna, wrongCode());
    for (let tries = 0; tries < 10; tries++) expect(await refusal(await guess())).toEqual([404, "wrong-code"]);
    const answer = await guess();
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusal(answer)).toEqual([429, "too-many-codes"]);
    const { code } = await online();
    expect(await refusal(await claimOf(anna, code))).toEqual([429, "too-many-codes"]);
  });

  it("slows down nobody else behind the same address, however long an account goes on", async () => {
    const [anna, ben, device] = [await somebody(), await somebody(), await online()];
    const { address } = anna.portal;
    await Promise.all(Array.from({ length: 65 }, () => claimOf(anna, wrongCode())));
    expect(await refusal(await claimOf(anna, wrongCode()))).toEqual([429, "too-many-codes"]);
    expect(await refusal(await claimOf(ben, wrongCode(), address))).toEqual([404, "wrong-code"]);
    await opened(await claimOf(ben, device.code, address));
  });

  it("by many accounts slows down their address, and no other; a right code costs it nothing", async () => {
    const [anna, device] = [await somebody(), await online()];
    const { address } = anna.portal;
    const request = new Request("https://edge/", { headers: { "cf-connecting-ip": address } });
    const guess = () =>
      tryCode({ env, request, person: crypto.randomUUID(), of: "claim", now: Date.now() }, async () => undefined);
    await Promise.all(Array.from({ length: 59 }, guess));
    for (let n = 0; n < 2; n++) await opened(await claimOf(anna, device.code));
    await guess();
    expect(await refusal(await claimOf(anna, device.code))).toEqual([429, "too-many-codes"]);
    await opened(await claimOf(anna, device.code, "192.0.2.7"));
  });

  it("needs a role that claims", async () => {
    const viewer = await somebody("viewer");
    expect(await refusal(await claimOf(viewer, (await online()).code))).toEqual([403, "not-allowed"]);
  });
});

it("a claim under way ends where the device is revoked", async () => {
  const [anna, device] = [await somebody(), await online()];
  await device.press();
  const { claimId, deviceId } = await opened(await claimOf(anna, device.code));
  await enrol(device.factory, device.request);
  expect((await anna.portal.ask(`/api/devices/${deviceId}/revoke`, { method: "POST" })).status).toBe(204);
  expect(await progressOf(anna, claimId)).toMatchObject({ state: "failed", reason: "given-up" });
});

describe("a device that is given up", () => {
  it("is revoked, keeps its history where it was, and is claimed anew by a fresh code alone", async () => {
    const [anna, ben, device] = [await somebody(), await somebody(), await online()];
    await device.press();
    const { claimId, deviceId } = await opened(await claimOf(anna, device.code));
    await enrol(device.factory, device.request);
    expect((await ben.portal.ask(`/api/devices/${deviceId}/release`, { method: "POST" })).status).toBe(404);
    const { code } = released.parse(
      await (await anna.portal.ask(`/api/devices/${deviceId}/release`, { method: "POST" })).json(),
    );
    expect(await auditOf(anna)).toEqual([
      ["release-device", "Anna", "WS 301V CM", undefined],
      ["claim-device", "Anna", undefined, "WS 301V CM"],
    ]);
    expect(await progressOf(anna, claimId)).toMatchObject({ state: "failed", reason: "given-up" });
    const left = z.object({ doors: z.array(z.unknown()) }).parse(await (await anna.portal.ask("/api/doors")).json());
    expect(left.doors).toEqual([]);

    expect((await enrol(device.factory, device.request)).status).toBe(202);
    expect(await refusal(await claimOf(ben, device.code))).toEqual([404, "wrong-code"]);
    await device.press();
    const again = await opened(await claimOf(ben, code));
    expect(again).toMatchObject({ state: "present", serial: device.serial });
    expect(again.deviceId).not.toBe(deviceId);
  });

  it("that was revoked enrols no more, until it is allowed again or released", async () => {
    const [anna, device] = [await somebody(), await online()];
    await device.press();
    const { deviceId } = await opened(await claimOf(anna, device.code));
    const first = await certificateIn(await enrol(device.factory, device.request));
    expect((await anna.portal.ask(`/api/devices/${deviceId}/revoke`, { method: "POST" })).status).toBe(204);
    expect(await refusal(await enrol(device.factory, device.request))).toEqual([403, "device-revoked"]);

    const allow = () => anna.portal.ask(`/api/devices/${deviceId}/allow`, { method: "POST" });
    const { portal } = await somebody();
    const others = await portal.ask(`/api/devices/${deviceId}/allow`, { method: "POST" });
    expect(await refusal(others)).toEqual([404, "no-such-device"]);
    expect((await allow()).status).toBe(204);
    expect(await refusal(await allow())).toEqual([409, "not-blocked"]);
    const renewed = await certificateIn(await enrol(device.factory, device.request));
    expect(renewed.serialNumber).not.toBe(first.serialNumber);
    expect((await auditOf(anna)).slice(0, 2)).toEqual([
      ["allow-device", "Anna", undefined, "WS 301V CM"],
      ["revoke-device", "Anna", "WS 301V CM", undefined],
    ]);
    await anna.portal.ask(`/api/devices/${deviceId}/revoke`, { method: "POST" });
    await anna.portal.ask(`/api/devices/${deviceId}/release`, { method: "POST" });
    expect((await enrol(device.factory, device.request)).status).toBe(202);
  });
});
