/** What a page notes about a call while it happens. Runs in the page, before its own scripts. */
import type { BrowserContext, Page } from "playwright-core";
import { clockNow } from "../../support/presser.ts";

declare global {
  interface Window {
    noted: Noted;
  }
}

/** Moments on the page's own clock, in milliseconds since the Unix epoch. */
export interface Noted {
  /** The ring message came over the WebSocket. */
  ring?: number;
  /** The sheet was in the page. */
  sheet?: number;
  /** A remote sound came in, heard or not. */
  flowing?: number;
  /** The person pressed "Answer". */
  answer?: number;
  /** A remote sound came in while an unmuted element played it. */
  heard?: number;
}

function note() {
  const now = () => performance.timeOrigin + performance.now();
  window.noted = {};
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && data.startsWith('{"type":"ring",')) window.noted.ring ??= now();
      });
    }
  };
  new MutationObserver(() => {
    if (window.noted.sheet === undefined && document.querySelector("[role=alertdialog]")) window.noted.sheet = now();
  }).observe(document, { childList: true, subtree: true });
  addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (button?.textContent?.startsWith("Answer")) window.noted.answer ??= performance.timeOrigin + event.timeStamp;
    },
    { capture: true },
  );

  let lastLoud = 0;
  const playing = new Set<HTMLMediaElement>();
  const muted = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "muted");
  Object.defineProperty(HTMLMediaElement.prototype, "muted", {
    get: muted?.get,
    set(this: HTMLMediaElement, value: boolean) {
      muted?.set?.call(this, value);
      if (!(this instanceof HTMLAudioElement)) return;
      playing.add(this);
      // A sound that flows already is heard from here on, also while the page is too busy to look at the next block of it.
      if (!value && !this.paused && now() - lastLoud < 200) window.noted.heard ??= now();
    },
  });
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this instanceof HTMLAudioElement) playing.add(this);
    return play.call(this);
  };
  const audible = (track: MediaStreamTrack) =>
    [...playing].some(
      ({ muted, paused, srcObject }) =>
        !muted && !paused && srcObject instanceof MediaStream && srcObject.getTracks().includes(track),
    );

  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "audio") return;
        const context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
        // Blocks of 5 ms, in order and without a module that a page's policy might refuse.
        const blocks = context.createScriptProcessor(256, 1, 1);
        blocks.onaudioprocess = ({ inputBuffer }) => {
          const loudest = inputBuffer.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
          if (loudest < 0.01) return;
          lastLoud = now();
          window.noted.flowing ??= lastLoud;
          if (audible(track)) window.noted.heard ??= now();
        };
        context
          .createMediaStreamSource(new MediaStream([track]))
          .connect(blocks)
          .connect(context.destination);
        track.addEventListener("ended", () => void context.close());
      });
    }
  };
}

/** Every page of this profile takes notes. */
export async function takeNotes(profile: BrowserContext): Promise<void> {
  await profile.addInitScript(note);
}

/** Forgets what was noted so far. */
export const forget = (page: Page): Promise<void> =>
  page.evaluate(() => {
    window.noted = {};
  });

/** Waits until this was noted. @returns the moment on this process's clock */
export async function noted(page: Page, what: keyof Noted, ahead: number): Promise<number> {
  const handle = await page.waitForFunction((name) => window.noted[name], what, { polling: 20, timeout: 15_000 });
  return Number(await handle.jsonValue()) - ahead;
}

/** By how much the page's clock is ahead of this process's, from the quickest of several questions. Milliseconds. */
export async function clockAhead(page: Page): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  let ahead = 0;
  for (let n = 0; n < 30; n++) {
    const before = clockNow();
    const theirs = await page.evaluate(() => performance.timeOrigin + performance.now());
    const after = clockNow();
    if (after - before >= quickest) continue;
    quickest = after - before;
    ahead = theirs - (before + after) / 2;
  }
  return ahead;
}
