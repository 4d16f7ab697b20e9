/** Mara at her desk, signed in, and what she sees when it rings and when she talks. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { ToClient } from "#core/messages/client.ts";
import { axeOn, type FakeAnswers, type FakeEdge, openPage, type Portal, startPortal } from "./browser.ts";
import { doors, me, ring, talking, welcome } from "./lindenhof.ts";
import { visitor } from "./visitor.ts";

export interface Sitting extends BrowserContextOptions {
  /** What the edge says to each `hello`; the doors, unless told otherwise. */
  said?: () => ToClient[];
  /** Answers beside the usual ones. */
  api?: FakeAnswers["api"];
  path?: string;
  /** By the name that the browser does not trust. */
  insecure?: boolean;
  /** A page that nobody ever clicked in: the browser keeps it silent. */
  untouched?: boolean;
  /** Called before the page loads. */
  before?: (page: Page) => Promise<unknown>;
}

export interface Desk {
  portal(): Portal;
  signedIn(sitting?: Sitting): Promise<{ page: Page; edge: FakeEdge }>;
  /** In a call with the main entrance. */
  inCall(sitting?: Sitting): Promise<{ page: Page; edge: FakeEdge }>;
}

/** Serves the portal before the tests of a file, and clears the desk after each. */
export function openDesk(): Desk {
  let portal: Portal;
  const toClear: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    portal = await startPortal();
  });
  afterAll(() => portal.close());
  afterEach(async () => {
    for (const clear of toClear.splice(0)) await clear();
  });

  async function signedIn({ said, api, path = "/", insecure, before, untouched, ...options }: Sitting = {}) {
    const usual = { "/api/me": me, "/api/doors": { doors }, "/api/calls": { calls: [], total: 0, missed: 0 } };
    const both = await openPage(
      portal,
      { api: { ...usual, ...api }, welcome: said ?? (() => [welcome()]) },
      { permissions: ["microphone", "camera"], ...options },
      untouched,
    );
    toClear.push(before || untouched ? () => both.page.context().close() : both.giveBack);
    await both.page.route("**/api/snapshots/**", (route) =>
      route.fulfill({ contentType: "image/svg+xml", body: visitor }),
    );
    await before?.(both.page);
    await both.page.goto((insecure ? portal.insecureOrigin : portal.origin) + path);
    await both.edge.next("hello");
    return both;
  }

  return {
    portal: () => portal,
    signedIn,
    async inCall(sitting) {
      const both = await signedIn(sitting);
      both.edge.say(ring());
      await answerOf(both.page).click();
      await both.edge.next("answer");
      both.edge.say(talking());
      await stageOf(both.page).waitFor();
      return both;
    },
  };
}

export const sheetOf = (page: Page) => page.getByRole("alertdialog", { name: "Main entrance rings" });
export const answerOf = (page: Page) => sheetOf(page).getByRole("button", { name: "Answer", exact: true });
export const stageOf = (page: Page) => page.getByRole("region", { name: "Call with Main entrance" });

/** What axe finds, with the elements: on the whole page, or inside what `within` selects. */
export async function violations(page: Page, within?: string): Promise<string[]> {
  const axe = axeOn(page);
  const { violations: found } = await (within ? axe.include(within) : axe).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
}
