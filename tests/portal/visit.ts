/** A page of the portal on the morning of the fixed day (day.ts), and what axe finds there. */
import type { Page } from "playwright-core";
import { axeOn, type FakeAnswers, openPage, type Portal } from "./browser.ts";
import * as day from "./day.ts";

export interface Visit {
  dark?: boolean;
  german?: boolean;
  width?: number;
  api?: FakeAnswers["api"];
  welcome?: FakeAnswers["welcome"];
}

/** Opens it for Mara, who is signed in. `done` gives it back. */
export async function visitPage(
  portal: Portal,
  path: string,
  { dark, german, width = 1440, api, welcome = () => [day.welcome()] }: Visit = {},
) {
  const { page, edge, giveBack } = await openPage(
    portal,
    { api: { ...day.api, ...api }, welcome },
    {
      colorScheme: dark ? "dark" : "light",
      locale: german ? "de-DE" : "en-GB",
      reducedMotion: "reduce",
      viewport: { width, height: 900 },
    },
  );
  await page.route("**/api/snapshots/**", (route) => {
    const name = new URL(route.request().url()).pathname.split("/").at(-1) ?? "";
    return route.fulfill({ contentType: "image/svg+xml", body: day.pictures[name] ?? "" });
  });
  await page.route("**/health", (route) => route.fulfill({ json: { status: "ok", parts: { edge: "ok" } } }));
  await page.clock.setFixedTime(day.now);
  await page.goto(portal.origin + path);
  return { page, edge, done: giveBack };
}

/** Opens an address as a link in a mail does: the page begins anew, also where only what is behind the `#` is another. */
export async function openAnew(page: Page, address: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(address);
}

/** The addresses that the page asks from now on, as servers and proxies on the way see them. */
export function askedBy(page: Page): string[] {
  const addresses: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    addresses.push(pathname + search);
  });
  return addresses;
}

/** What is against WCAG 2.2 AA on the page as it is now, with its place. */
export async function barriers(page: Page): Promise<string[]> {
  const found = await axeOn(page).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}`));
}
