/** A person at a desk: signs in, turns the sound on, answers, opens, hangs up. By what they see and the keys they press. */
import type { Locator, Page } from "playwright-core";
import { type CallDetail, type CallSummary, callDetail, callList } from "#core/messages/portal-api.ts";
import { pictureCodeBottom, pictureCodeTop, readPictureCode } from "../../station/picture-code.ts";
import { heardTone } from "./browser.ts";

export interface Account {
  email: string;
  password: string;
}

/** Waits until this page is connected to the edge. */
export async function connected(page: Page): Promise<void> {
  await page
    .getByText("Connected", { exact: true })
    .or(page.getByText(/^\d+ ms$/))
    .first()
    .waitFor({ state: "attached" });
}

/** The newest call in the history (of one door, if it is named), with its legs and time line, once it fits. */
export function latestCall(
  page: Page,
  fits: (call: CallSummary) => boolean = () => true,
  at?: string,
): Promise<CallDetail> {
  const { origin } = new URL(page.url());
  return until(async () => {
    const { calls } = callList.parse(await (await page.request.get(`${origin}/api/calls`)).json());
    const newest = calls.find(({ door }) => at === undefined || door === at);
    if (!newest || !fits(newest)) return undefined;
    return callDetail.parse(await (await page.request.get(`${origin}/api/calls/${newest.callId}`)).json());
  }, "the call in the history");
}

/** Signs in and waits for the doors. */
export async function signIn(page: Page, origin: string, { email, password }: Account): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Doors", exact: true }).waitFor();
}

/** Sees to it that this browser rings: the click of signing in may have done it, or the one on the bar does. */
export async function turnSoundOn(page: Page): Promise<void> {
  const rings = page.getByText("Rings here", { exact: true });
  const button = page.getByRole("button", { name: "Turn sound on" });
  await rings.or(button).first().waitFor();
  if (await button.isVisible()) await button.click();
  await rings.waitFor();
  await connected(page);
}

/** The sheet that lies over every page while that door rings. */
export const ringSheet = (page: Page, door: string): Locator =>
  page.getByRole("alertdialog", { name: `${door} rings` });

/** The card on the stage that says so while this person talks. */
export const waitingRing = (page: Page, door: string): Locator => page.getByRole("region", { name: `${door} rings` });

export const callStage = (page: Page, door: string): Locator => page.getByRole("region", { name: `Call with ${door}` });

/** Answers with the mouse; the sheet has just come, so it waits for the button to listen. */
export async function answer(page: Page, door: string): Promise<void> {
  await ringSheet(page, door)
    .getByRole("button", { name: /^Answer(?! with)/ })
    .click();
  await callStage(page, door).getByRole("button", { name: /^End/, disabled: false }).waitFor();
}

/** Holds "open door" in the sheet or on the stage until the door was asked, as a person does. */
export async function holdToOpen(page: Page, within: Locator): Promise<void> {
  const button = within.getByRole("button", { name: /Hold to open/ });
  await button.hover();
  await page.mouse.down();
  // The label says what the hand may do next: at "Keep holding" it stays, then the door has been asked.
  await within.getByRole("button", { name: /Keep holding/ }).waitFor();
  await within.getByRole("button", { name: /Asking the door|Open/ }).waitFor();
  await page.mouse.up();
}

/** Waits until `look` gives what is wanted; looks again with every frame or second, since a page's sound offers no event. */
export async function until<T>(look: () => Promise<T | undefined>, what: string, within = 15_000): Promise<T> {
  const end = Date.now() + within;
  let last: T | undefined;
  while (Date.now() < end) {
    last = await look();
    if (last !== undefined) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come within ${within} ms`);
}

/** Waits until this page's remote audio is that tone, give or take a spectrum's line. Hz. */
export function hearTone(page: Page, hertz: number): Promise<number> {
  return until(async () => {
    const heard = await heardTone(page);
    return heard !== undefined && Math.abs(heard - hertz) <= 12 ? heard : undefined;
  }, `the tone of ${hertz} Hz`);
}

/** The picture code in the first moving video of the page, or in the still picture whose alternative text matches. */
export async function pictureCode(page: Page, still?: RegExp): Promise<number | undefined> {
  const strip = await page.evaluate(
    ({ pattern, middle }) => {
      const source = pattern
        ? [...document.querySelectorAll("img")].find(
            (one) => one.complete && one.naturalWidth > 0 && new RegExp(pattern).test(one.alt),
          )
        : [...document.querySelectorAll("video")].find((one) => one.videoWidth > 0 && one.readyState >= 2);
      if (!source) return undefined;
      const width = source instanceof HTMLVideoElement ? source.videoWidth : source.naturalWidth;
      const height = source instanceof HTMLVideoElement ? source.videoHeight : source.naturalHeight;
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      if (!context) return undefined;
      context.drawImage(source, 0, 0);
      // Only the lines that hold the code leave the page.
      const top = Math.round(height * middle) - 4;
      const { data } = context.getImageData(0, top, width, 9);
      const greys: number[] = [];
      for (let at = 0; at < data.length; at += 4) {
        greys.push(Math.round(0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)));
      }
      return { width, height, top, greys };
    },
    { pattern: still?.source, middle: (pictureCodeTop + pictureCodeBottom) / 2 },
  );
  if (!strip) return undefined;
  const { width, height, top, greys } = strip;
  return readPictureCode((x, y) => greys[(y - top) * width + x] ?? 0, width, height);
}

/** Waits until that picture code is seen. */
export function seePictureCode(page: Page, code: number, still?: RegExp): Promise<number> {
  return until(async () => {
    const seen = await pictureCode(page, still);
    return seen === code ? seen : undefined;
  }, `the picture code ${code}`);
}
