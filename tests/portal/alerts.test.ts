/** What tells of a ring outside the page: the system's notification, the tab's title and its icon. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openDesk, type Sitting } from "./desk.ts";
import { firstCall, ring, talking } from "./lindenhof.ts";

const { signedIn } = openDesk();

interface Notified {
  title: string;
  body: string;
  tag: string;
  icon: string;
  closed: boolean;
}
declare global {
  interface Window {
    notified: { notification: Notification; closed: boolean }[];
    askedForNotifications: number;
  }
}

/** Keeps what the page gives the system to show: the system still shows it. */
function watchNotifications() {
  window.notified = [];
  window.askedForNotifications = 0;
  window.Notification = class extends Notification {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      window.notified.push({ notification: this, closed: false });
    }
    override close() {
      super.close();
      for (const one of window.notified) if (one.notification === this) one.closed = true;
    }
    static override requestPermission() {
      window.askedForNotifications++;
      return Promise.resolve<NotificationPermission>("denied");
    }
  };
}
const notified = (page: Page): Promise<Notified[]> =>
  page.evaluate(() =>
    window.notified.map(({ notification: { title, body, tag, icon }, closed }) => ({
      title,
      body,
      tag,
      icon: icon && new URL(icon).pathname,
      closed,
    })),
  );

/** A page behind other tabs, as headless Chromium has none. */
const hide = (page: Page) =>
  page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
const watched = (sitting: Sitting = {}) =>
  signedIn({
    permissions: ["notifications"],
    before: (page) => page.addInitScript(watchNotifications),
    ...sitting,
  });
const first = {
  title: "Main entrance rings",
  body: "Lindenhof 4, street side, button “Reception”",
  tag: firstCall,
};

it("notifies of a ring in a hidden tab, with the picture once there is one, and then of who answered", async () => {
  const { page, edge } = await watched();
  await hide(page);
  edge.say(ring({ snapshotUrl: undefined }));
  await expect.poll(() => notified(page)).toEqual([{ ...first, icon: "", closed: false }]);
  edge.say({ type: "snapshot", callId: firstCall, snapshotUrl: "/api/snapshots/one" });
  await expect.poll(() => notified(page)).toHaveLength(2);
  expect((await notified(page))[1]).toEqual({ ...first, icon: "/api/snapshots/one", closed: false });
  edge.say({ type: "ring-end", callId: firstCall, reason: "answered-elsewhere", by: "Jonas Adler" });
  await expect.poll(() => notified(page)).toHaveLength(3);
  const answered = { title: "Answered by Jonas Adler", body: "", tag: firstCall, icon: "" };
  expect((await notified(page))[2]).toEqual({ ...answered, closed: false });
  await expect.poll(async () => (await notified(page))[2]?.closed, { timeout: 6_000 }).toBe(true);
});

it("takes the notification away when the caller leaves", async () => {
  const { page, edge } = await watched();
  await hide(page);
  edge.say(ring());
  await expect.poll(() => notified(page)).toMatchObject([{ closed: false }]);
  edge.say({ type: "ring-end", callId: firstCall, reason: "caller-left" });
  await expect.poll(() => notified(page)).toMatchObject([{ closed: true }]);
});

it("shows no face in a notification to whoever does not want that", async () => {
  const { page, edge } = await watched();
  await page.getByRole("button", { name: "Account menu of Mara Lenz" }).click();
  await page.getByRole("switch", { name: "Pictures in notifications" }).click();
  await hide(page);
  edge.say(ring());
  await expect.poll(() => notified(page)).toEqual([{ ...first, icon: "", closed: false }]);
});

it("does not notify who sees the page, and asks for nothing because it rings", async () => {
  const { page, edge } = await watched();
  edge.say(ring());
  await page.getByRole("alertdialog").waitFor();
  expect(await notified(page)).toEqual([]);

  const other = await watched({ permissions: [] });
  await hide(other.page);
  other.edge.say(ring());
  await expect.poll(() => other.page.title()).toBe("Rings: Main entrance");
  expect(await notified(other.page)).toEqual([]);
  expect(await other.page.evaluate(() => window.askedForNotifications)).toBe(0);
});

it("names the ring and then the call in the tab's title, and gives the page's own back", async () => {
  const { page, edge } = await signedIn();
  await expect.poll(() => page.title()).toBe("Doors · Symphony Cloud");
  edge.say(ring());
  await expect.poll(() => page.title()).toBe("Rings: Main entrance");
  await page.getByRole("alertdialog").getByRole("button", { name: "Answer", exact: true }).click();
  await edge.next("answer");
  edge.say(talking());
  await expect.poll(() => page.title()).toBe("In call: Main entrance");
  edge.say({ type: "call-end", callId: firstCall, reason: "hung-up-by-station" });
  await expect.poll(() => page.title()).toBe("Doors · Symphony Cloud");
});

it("puts an amber dot on the tab's icon while it rings", async () => {
  const { page, edge } = await signedIn();
  const icon = page.locator('link[rel="icon"]');
  edge.say(ring());
  await expect.poll(() => icon.getAttribute("href")).toMatch(/^data:image\/png/);
  const [red = 0, green = 0, blue = 0] = await page.evaluate(async () => {
    const image = new Image();
    image.src = document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? "";
    await image.decode();
    const drawing = new OffscreenCanvas(64, 64).getContext("2d");
    drawing?.drawImage(image, 0, 0);
    return [...(drawing?.getImageData(47, 17, 1, 1).data ?? [])];
  });
  expect({ red, green, blue }).toEqual({ red: 255, green: 178, blue: 36 });
  edge.say({ type: "ring-end", callId: firstCall, reason: "caller-left" });
  await expect.poll(() => icon.getAttribute("href")).toMatch(/\/icon\.svg$/);
});
