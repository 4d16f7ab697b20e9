/** Chromium with the built portal, and an edge that the test plays itself: HTTP by routes, `/api/live` by a fake socket. */
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page, type WebSocketRoute } from "playwright-core";
import { type PreviewServer, preview } from "vite";
import { type FromClient, fromClient, type ToClient } from "#core/messages/client.ts";

const config = new URL("../../portal/vite.config.ts", import.meta.url).pathname;

export interface Portal {
  browser: Browser;
  origin: string;
  /** The same pages by a name that browsers don't trust over plain HTTP, as they do `localhost`. */
  insecureOrigin: string;
  /** Pages that were given back, by what their context was opened with. */
  spare: Map<string, Page[]>;
  close(): Promise<void>;
}

const insecureHost = "portal.example";

/** Serves the portal as tests/setup/build.ts built it. The browser gives a page the devices that its context is permitted. */
export async function startPortal(): Promise<Portal> {
  const server: PreviewServer = await preview({
    configFile: config,
    logLevel: "error",
    preview: { port: 0, host: "localhost", allowedHosts: [insecureHost], proxy: {} },
  });
  const origin = server.resolvedUrls?.local[0]?.replace(/\/$/, "");
  if (!origin) throw new Error("The preview has no address");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      `--host-resolver-rules=MAP ${insecureHost} localhost`,
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
  return {
    browser,
    origin,
    insecureOrigin: origin.replace("localhost", insecureHost),
    spare: new Map(),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** The edge, as one page sees it. */
export interface FakeEdge {
  /** Everything the page has said, parsed by the schema that the edge uses. */
  heard: FromClient[];
  /** Resolves with the next message of a type, or one that came before and was not taken yet. */
  next<T extends FromClient["type"]>(type: T): Promise<Extract<FromClient, { type: T }>>;
  say(message: ToClient): void;
  /** Breaks the connection. */
  drop(): Promise<void>;
}

export interface FakeAnswers {
  /** Bodies by path of `/api`, or what makes one from the address. Others answer 404. */
  api: Record<string, object | ((url: URL) => object)>;
  /** Said as the answer to each `hello`. */
  welcome(): ToClient[];
}

/**
 * A page with an edge of its own. `giveBack` empties it for the next that is opened with the same options: a new process for
 * each would spend most of its time on compiling the portal anew. Whoever adds scripts to a page closes its context instead.
 * `untouched`: one in which nobody ever clicked.
 */
export async function openPage(
  portal: Portal,
  answers: FakeAnswers,
  options: BrowserContextOptions = {},
  untouched = false,
): Promise<{ page: Page; edge: FakeEdge; giveBack(): Promise<void> }> {
  const opened = { viewport: { width: 1440, height: 900 }, ...options };
  const kind = JSON.stringify(opened);
  const spare = portal.spare.get(kind) ?? [];
  portal.spare.set(kind, spare);
  const page = (untouched ? undefined : spare.pop()) ?? (await (await portal.browser.newContext(opened)).newPage());
  return {
    page,
    edge: await playEdge(page, answers),
    async giveBack() {
      await emptied(page, opened);
      spare.push(page);
    },
  };
}

/** Nothing of what was seen, kept, allowed or answered there is left. */
async function emptied(page: Page, options: BrowserContextOptions): Promise<void> {
  const context = page.context();
  const { origin } = new URL(page.url());
  await page.goto("about:blank");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  const devtools = await context.newCDPSession(page);
  await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "local_storage" });
  await devtools.detach();
  if (options.permissions) {
    await context.clearPermissions();
    await context.grantPermissions(options.permissions);
  }
  await page.emulateMedia({ colorScheme: options.colorScheme ?? "light" });
  if (options.viewport) await page.setViewportSize(options.viewport);
}

export async function playEdge(page: Page, answers: FakeAnswers): Promise<FakeEdge> {
  let socket: WebSocketRoute | undefined;
  /** Said before the page was welcomed: it hears it then. */
  let early: ToClient[] | undefined = [];
  const heard: FromClient[] = [];
  const untaken: FromClient[] = [];
  const wake: (() => void)[] = [];
  const send = (message: ToClient) => socket?.send(JSON.stringify(message));
  const say = (message: ToClient) => (early ? void early.push(message) : send(message));

  await page.route("**/api/**", (route) => {
    const url = new URL(route.request().url());
    const answer = answers.api[url.pathname];
    const body = typeof answer === "function" ? answer(url) : answer;
    return body
      ? route.fulfill({ json: body })
      : route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" });
  });
  await page.routeWebSocket("**/api/live", (opened) => {
    socket = opened;
    early ??= [];
    opened.onMessage((data) => {
      const message = fromClient.parse(JSON.parse(String(data)));
      heard.push(message);
      untaken.push(message);
      for (const call of wake.splice(0)) call();
      if (message.type === "hello") {
        for (const answer of [...answers.welcome(), ...(early ?? [])]) send(answer);
        early = undefined;
      }
      if (message.type === "ping") send({ type: "pong" });
    });
  });
  return {
    heard,
    next: async <T extends FromClient["type"]>(type: T) => {
      const isOne = (message: FromClient): message is Extract<FromClient, { type: T }> => message.type === type;
      for (;;) {
        const known = untaken.find(isOne);
        if (known) {
          untaken.splice(untaken.indexOf(known), 1);
          return known;
        }
        await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
    say,
    drop: async () => {
      early = [];
      await socket?.close({ code: 1012 });
    },
  };
}

/** Axe within the page: without frames of other origins there is nothing to put together in a page of its own. */
export const axeOn = (page: Page): AxeBuilder => new AxeBuilder({ page }).setLegacyMode();
