/** A ring and a call in a real browser, against an edge that these tests play. */
import { describe, expect, it } from "vitest";
import type { ToClient } from "#core/messages/client.ts";
import { answerOf, openDesk, sheetOf, stageOf, violations } from "./desk.ts";
import { keepPicture } from "./layout.ts";
import {
  courtyardGate,
  doors,
  firstCall,
  jonas,
  mainEntrance,
  mara,
  opening,
  ring,
  secondCall,
  talking,
  welcome,
} from "./lindenhof.ts";

/** Keys count from here on. */
const deaf = 600;
const stage = 'section[aria-label="Call with Main entrance"]';

const { signedIn, inCall } = openDesk();

describe("a ring", () => {
  it("is acknowledged only when the sheet is on screen, and shows who, where and who else", async () => {
    const { page, edge } = await signedIn();
    expect(edge.heard.some((message) => message.type === "rang")).toBe(false);
    edge.say(ring());
    expect(await edge.next("rang")).toMatchObject({ callId: firstCall });
    const sheet = sheetOf(page);
    expect(await sheet.isVisible()).toBe(true);
    expect(await sheet.getByText("Lindenhof 4, street side · button “Reception”").isVisible()).toBe(true);
    expect(await sheet.getByRole("listitem").allInnerTexts()).toEqual([
      expect.stringMatching(/Jonas Adler\s+Browser\s+Ringing/),
      expect.stringMatching(/Priya Raman\s+Browser\s+Declined/),
      expect.stringMatching(/Elin Sorby\s+Browser\s+Not available/),
    ]);
    // No room in this test, and no key frame yet for who comes late: what the server has taken is shown.
    const picture = sheet.getByRole("img", { name: /^Main entrance, .*at the ring$/ });
    expect(
      await picture.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth)),
    ).toBeGreaterThan(0);
    expect(await page.title()).toBe("Rings: Main entrance");
    expect(
      await sheet.getByRole("button", { name: "Answer", exact: true }).evaluate((it) => it === document.activeElement),
    ).toBe(true);
    // On a small phone too.
    await page.setViewportSize({ width: 320, height: 568 });
    const answer = await sheet.getByRole("button", { name: "Answer", exact: true }).boundingBox();
    expect((answer?.y ?? Number.NaN) + (answer?.height ?? Number.NaN)).toBeLessThan(568);
  });

  it("ignores keys in the first half second, then answers with A and takes the camera along with V", async () => {
    const { page, edge } = await signedIn();
    // Pressed by the page itself in the moment the sheet appears, however slow the machine is.
    await page.evaluate(() => {
      new MutationObserver((_changes, observer) => {
        if (!document.querySelector("[role=alertdialog]")) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          for (const key of ["d", "a"]) window.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
          document.title = "pressed";
        });
      }).observe(document.body, { childList: true, subtree: true });
    });
    edge.say(ring());
    await page.waitForFunction(() => document.title === "pressed");
    await page.waitForTimeout(deaf);
    expect(edge.heard.filter((message) => message.type === "decline" || message.type === "answer")).toEqual([]);
    await page.keyboard.press("v");
    expect(await edge.next("answer")).toMatchObject({ callId: firstCall, camera: true });
    // The stage is there before the edge has said who was first: the microphone does not wait for it.
    await stageOf(page).getByText("Connecting").waitFor();
    expect(await stageOf(page).getByRole("button", { name: "End" }).isDisabled()).toBe(true);
    edge.say({ type: "answer-refused", callId: firstCall });
    await page.getByRole("alertdialog", { name: "Answered elsewhere" }).waitFor();
    expect(await stageOf(page).count()).toBe(0);
  });

  it("leaves the keys to who is typing", async () => {
    const { page, edge } = await signedIn();
    await page.evaluate(() => {
      const field = document.createElement("input");
      field.id = "typed-into";
      document.body.append(field);
      field.focus();
    });
    edge.say(ring());
    await sheetOf(page).waitFor();
    await page.waitForTimeout(deaf);
    await page.keyboard.type("add");
    expect(await page.evaluate(() => document.querySelector<HTMLInputElement>("#typed-into")?.value)).toBe("add");
    expect(edge.heard.some((message) => message.type === "answer" || message.type === "decline")).toBe(false);
  });

  it("falls silent at once, and says for two seconds that Jonas answered", async () => {
    const { page, edge } = await signedIn();
    edge.say(ring());
    await sheetOf(page).waitFor();
    edge.say({ type: "ring-end", callId: firstCall, reason: "answered-elsewhere", by: "Jonas Adler" });
    const ended = page.getByRole("alertdialog", { name: "Jonas Adler answered" });
    await ended.waitFor({ timeout: 500 });
    expect(await page.title()).not.toContain("Rings");
    await ended.waitFor({ state: "detached", timeout: 3_000 });
  });

  it("goes on ringing on every page of the portal when it is made small, and comes back", async () => {
    const { page, edge } = await signedIn();
    edge.say(ring());
    await sheetOf(page).waitFor();
    await page.waitForTimeout(deaf);
    await page.keyboard.press("Escape");
    const strip = page.getByRole("region", { name: "Main entrance rings" });
    await strip.waitFor();
    expect(await sheetOf(page).count()).toBe(0);
    const pages = page.getByRole("navigation").getByRole("link");
    for (let n = (await pages.count()) - 1; n >= 0; n--) {
      await pages.nth(n).click();
      await page.locator("main").getByRole("heading", { level: 1 }).waitFor();
      expect(await strip.isVisible()).toBe(true);
    }
    await strip.getByRole("button", { name: "Show" }).click();
    await sheetOf(page).waitFor();
  });

  it("queues a second ring, and N takes it to the front", async () => {
    const { page, edge } = await signedIn();
    edge.say(ring());
    edge.say(ring({ callId: secondCall, deviceId: courtyardGate, door: "Courtyard gate" }, 1_000));
    await sheetOf(page).waitFor();
    await sheetOf(page).getByText("1 more waiting").waitFor();
    await page.waitForTimeout(deaf);
    await page.keyboard.press("n");
    await page.getByRole("alertdialog", { name: "Courtyard gate rings" }).waitFor();
  });

  it("is said again after a lost connection without ringing twice", async () => {
    const rings: ToClient[] = [];
    const { page, edge } = await signedIn({ said: () => [welcome(), ...rings] });
    rings.push(ring());
    edge.say(ring());
    const first = await edge.next("rang");
    await edge.drop();
    const again = await edge.next("hello");
    expect(edge.heard.filter((message) => message.type === "hello").map((message) => message.clientId)).toEqual([
      again.clientId,
      again.clientId,
    ]);
    await page.waitForTimeout(300);
    expect(await sheetOf(page).count()).toBe(1);
    expect(edge.heard.filter((message) => message.type === "rang")).toEqual([first]);
    // An edge that never heard it is told again.
    rings[0] = ring({
      receivers: ring().receivers.map((one) => (one.userId === mara ? { ...one, fate: "told" } : one)),
    });
    await edge.drop();
    await expect.poll(() => edge.heard.filter((message) => message.type === "rang")).toEqual([first, first]);
  });

  it("offers to listen only where the microphone is refused", async () => {
    const { page, edge } = await signedIn({ permissions: [] });
    edge.say(ring());
    await page.getByRole("button", { name: "Answer, listen only" }).waitFor();
  });
});

describe("opening the door", () => {
  it("takes a hold of 0.7 s: a short press opens nothing", async () => {
    const { page, edge } = await signedIn();
    edge.say(ring());
    const hold = sheetOf(page).getByRole("button", { name: "Hold to open door" });
    await hold.click();
    await page.waitForTimeout(900);
    expect(edge.heard.some((message) => message.type === "open-door")).toBe(false);
    await hold.dispatchEvent("pointerdown", { button: 0, pointerId: 1 });
    const asked = await edge.next("open-door");
    expect(asked).toMatchObject({ deviceId: mainEntrance, callId: firstCall });
  });

  it("says open only after the door confirmed, and sends one command for one hold", async () => {
    const { page, edge } = await signedIn();
    edge.say(ring());
    await sheetOf(page).waitFor();
    await page.waitForTimeout(deaf);
    await page.keyboard.down("o");
    const asked = await edge.next("open-door");
    await page.keyboard.up("o");
    const said = { type: "door-command", commandId: asked.commandId, deviceId: asked.deviceId } as const;
    await sheetOf(page).getByRole("button", { name: "Asking the door" }).waitFor();
    edge.say({ ...said, by: "Mara Lenz", userId: mara, state: "sent", at: Date.now() });
    await page.waitForTimeout(200);
    expect(
      await sheetOf(page)
        .getByText(/^Open, closes/)
        .count(),
    ).toBe(0);
    edge.say({ ...said, by: "Mara Lenz", userId: mara, state: "confirmed", at: Date.now() });
    await sheetOf(page)
      .getByRole("button", { name: /^Open, closes in \d s$/ })
      .waitFor();
    await page.getByText("Main entrance is open").waitFor({ state: "attached" });
    expect(edge.heard.filter((message) => message.type === "open-door")).toHaveLength(1);
  });

  it("is by any opener that the person may use: at the tile, while it rings and in the call, and the door says by which", async () => {
    const wicket = { output: 2, name: "Wicket beside the gate", pulse: 9_000, confirm: "ask" } as const;
    const withTwo = doors.map((one) => ({ ...one, openers: [...one.openers, wicket] }));
    const { page, edge } = await signedIn({
      api: { "/api/doors": { doors: withTwo } },
      viewport: { width: 1440, height: 900 },
    });
    const places = {
      tile: page.getByRole("article", { name: "Main entrance" }),
      ring: sheetOf(page),
      call: stageOf(page),
    };
    const axeIn = { tile: "main", ring: "[role=alertdialog]", call: stage };
    const openBy = async (where: keyof typeof places) => {
      const place = places[where];
      const which = place.getByRole("combobox", { name: "What to open at Main entrance" });
      await place.getByRole("button", { name: /^Hold to open.*Street door/ }).waitFor();
      expect(await which.locator("option").allInnerTexts()).toEqual(["Street door", wicket.name]);
      await which.selectOption(wicket.name);
      const button = place.getByRole("button", { name: /Wicket beside the gate/ });
      await button.dispatchEvent("pointerdown", { button: 0, pointerId: 1 });
      // It is to be asked once more.
      await place
        .getByRole("button", { name: /^Press again to open/ })
        .dispatchEvent("pointerdown", { button: 0, pointerId: 1 });
      const { commandId, output } = await edge.next("open-door");
      expect(output).toBe(2);
      const said = {
        type: "door-command",
        deviceId: mainEntrance,
        commandId,
        output,
        by: "Mara Lenz",
        userId: mara,
      } as const;
      edge.say({ ...said, state: "confirmed", at: Date.now() });
      const open = place.getByRole("button", { name: /^Open, closes in \d s/ });
      await open.waitFor();
      // Half way from one colour to the other is no contrast to judge.
      await open.evaluate((it) => {
        const changes = it.getAnimations({ subtree: true }).filter((one) => one instanceof CSSTransition);
        return Promise.allSettled(changes.map((one) => one.finished));
      });
      expect(await violations(page, axeIn[where])).toEqual([]);
      await keepPicture(page, `openers-${where}`);
      await which.selectOption("Street door");
      await place.getByRole("button", { name: /^Hold to open.*Street door/ }).waitFor();
    };
    await openBy("tile");
    edge.say(ring());
    await openBy("ring");
    await answerOf(page).click();
    await edge.next("answer");
    edge.say(talking());
    await openBy("call");
    await stageOf(page).getByText("Wicket beside the gate opened").waitFor();
  });

  it("names who else opens", async () => {
    const { page, edge } = await signedIn();
    edge.say(ring());
    await sheetOf(page).waitFor();
    const command = {
      type: "door-command",
      deviceId: mainEntrance,
      by: "Jonas",
      userId: jonas,
      state: "sent",
    } as const;
    edge.say({ ...command, commandId: opening, at: Date.now() });
    await sheetOf(page).getByRole("button", { name: "Jonas opens" }).waitFor();
  });
});

describe("a call", () => {
  it("fills the stage, and says when it ends and who opened the door", async () => {
    const { page, edge } = await inCall();
    const stage = stageOf(page);
    await stage.getByText("Lindenhof 4 · ends by itself at 10:00, warning at 9:30").waitFor();
    edge.say({
      type: "door-command",
      commandId: opening,
      deviceId: mainEntrance,
      by: "Jonas Adler",
      userId: jonas,
      state: "confirmed",
      at: Date.now(),
    });
    await stage.getByText(/The door confirmed at .*, by Jonas Adler/).waitFor();
    edge.say({ type: "call-warning", callId: firstCall, endsAt: Date.now() + 30_000 });
    await stage.getByText(/· ends in (30|29) s/).waitFor();
  });

  it("ends with E, says why, and offers to call back", async () => {
    const { page, edge } = await inCall();
    await page.keyboard.press("e");
    expect(await edge.next("hang-up")).toMatchObject({ callId: firstCall });
    await stageOf(page).getByText("You ended the call").waitFor();
    await page.getByRole("button", { name: "Call back" }).click();
    expect(await edge.next("call")).toMatchObject({ deviceId: mainEntrance, camera: false });
    await stageOf(page).getByText("Calling Main entrance").waitFor();
  });

  it("shows a second caller without a sheet, and can end the one to take the other", async () => {
    const { page, edge } = await inCall();
    edge.say(ring({ callId: secondCall, deviceId: courtyardGate, door: "Courtyard gate" }, 0));
    const waiting = page.getByRole("region", { name: "Courtyard gate rings" });
    await waiting.waitFor();
    expect(await page.getByRole("alertdialog").count()).toBe(0);
    await waiting.getByRole("button", { name: "End and answer" }).click();
    expect(await edge.next("hang-up")).toMatchObject({ callId: firstCall });
    expect(await edge.next("answer")).toMatchObject({ callId: secondCall });
  });
});

describe("availability", () => {
  it("is claimed only after a click that played a sound", async () => {
    const { page, edge } = await signedIn({ untouched: true });
    expect(edge.heard.find((message) => message.type === "hello")).toMatchObject({ available: false });
    await page.getByRole("button", { name: "Turn sound on" }).click();
    expect(await edge.next("availability")).toMatchObject({ available: true });
    await page.getByRole("button", { name: "Turn sound on" }).waitFor({ state: "detached" });
  });
});

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  it("axe finds nothing in a ring, a call and their ends", async () => {
    const { page, edge } = await signedIn({ colorScheme });
    edge.say(ring());
    await sheetOf(page).waitFor();
    await page.waitForTimeout(400);
    expect(await violations(page, "[role=alertdialog]")).toEqual([]);
    await answerOf(page).click();
    await edge.next("answer");
    edge.say(talking());
    await stageOf(page).waitFor();
    edge.say(ring({ callId: secondCall, deviceId: courtyardGate, door: "Courtyard gate" }, 0));
    await page.getByRole("region", { name: "Courtyard gate rings" }).waitFor();
    expect(await violations(page, stage)).toEqual([]);
    edge.say({ type: "call-end", callId: firstCall, reason: "hung-up-by-station" });
    await stageOf(page).getByText("The door hung up").waitFor();
    expect(await violations(page, stage)).toEqual([]);
  });
});
