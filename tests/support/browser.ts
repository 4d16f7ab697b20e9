/** Chromium as a person at a desk: a fake microphone that plays a tone, a fake camera, and a look at what arrived. */
import { createHash, X509Certificate } from "node:crypto";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

export const chromiumPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

export interface DeskOptions {
  /** What the microphone hears: a mono 48 kHz WAV file. */
  microphone: string;
  /** What the camera sees: a Y4M or MJPEG file. Chromium's own test picture without. */
  camera?: string;
  /** PEM: the one certificate that it trusts beside those the world does. */
  trusts?: string;
  /** True lets sound play without a click, which a person's browser does not. */
  autoplayBypass?: boolean;
}

/** A certificate's key as Chromium's option takes it: SHA-256 over SubjectPublicKeyInfo (RFC 7469 §2.4). */
function keyDigest(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

/** Starts a browser of its own: its fake devices are the whole process's. Close it with `browser.close()`. */
export function startBrowser(options: DeskOptions): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    // Playwright lets sound play unasked unless told not to.
    ignoreDefaultArgs: ["--mute-audio"],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-sync",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-audio-capture=${options.microphone}`,
      ...(options.camera ? [`--use-file-for-fake-video-capture=${options.camera}`] : []),
      ...(options.trusts ? [`--ignore-certificate-errors-spki-list=${keyDigest(options.trusts)}`] : []),
      // Headless machines often have no multicast DNS to resolve the names that hide local addresses.
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      options.autoplayBypass === true
        ? "--autoplay-policy=no-user-gesture-required"
        : "--autoplay-policy=user-gesture-required",
    ],
  });
}

/** A person's profile: 1440 × 900, microphone, camera and notifications granted. */
export async function openProfile(browser: Browser, origin: string): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
  });
  await context.grantPermissions(["microphone", "camera", "notifications"], { origin });
  await context.addInitScript(watchReceivedAudio);
  await context.addInitScript(watchPlayedSound);
  return context;
}

declare global {
  interface Window {
    /** Remote audio tracks of open connections and their analysers, in the order in which they arrived. */
    receivedAudio: { track: MediaStreamTrack; analyser: AnalyserNode; context: AudioContext }[];
    receivers: RTCRtpReceiver[];
    /** What the page itself has played: its loudest frequency (Hz) and when (milliseconds since the epoch). */
    played: { hertz: number; at: number }[];
  }
}

/** Runs in the page before its own scripts: listens beside it to every remote audio track of every peer connection. */
function watchReceivedAudio() {
  window.receivedAudio = [];
  window.receivers = [];
  let context: AudioContext | undefined;
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    readonly #sources: MediaStreamAudioSourceNode[] = [];
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("track", ({ track, receiver }) => {
        window.receivers.push(receiver);
        if (track.kind !== "audio") return;
        context ??= new AudioContext({ sampleRate: 48_000 });
        const analyser = context.createAnalyser();
        analyser.fftSize = 8192;
        analyser.smoothingTimeConstant = 0;
        const source = context.createMediaStreamSource(new MediaStream([track]));
        source.connect(analyser);
        this.#sources.push(source);
        window.receivedAudio.push({ track, analyser, context });
      });
    }
    /** What is over must not cost the calls that follow. */
    override close() {
      super.close();
      for (const source of this.#sources.splice(0)) source.disconnect();
      window.receivedAudio = window.receivedAudio.filter(({ track }) => track.readyState === "live");
    }
  };
}

/** Runs in the page before its own scripts: an ear at every loudspeaker that the page's own sounds go to. */
function watchPlayedSound() {
  window.played = [];
  const ears = new WeakMap<BaseAudioContext, AnalyserNode>();
  const earAt = (context: BaseAudioContext): AnalyserNode => {
    const known = ears.get(context);
    if (known) return known;
    const ear = context.createAnalyser();
    ear.fftSize = 4096;
    ear.smoothingTimeConstant = 0;
    ears.set(context, ear);
    const bins = new Float32Array(ear.frequencyBinCount);
    setInterval(() => {
      ear.getFloatFrequencyData(bins);
      const loudest = bins.reduce((best, level, n) => (level > (bins[best] ?? -200) ? n : best), 0);
      if ((bins[loudest] ?? -200) < -60) return;
      window.played.push({ hertz: (loudest * context.sampleRate) / ear.fftSize, at: Date.now() });
    }, 50);
    return ear;
  };
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = new Proxy(connect, {
    apply(original, from: AudioNode, args: [AudioNode, ...number[]]) {
      if (args[0] instanceof AudioDestinationNode) Reflect.apply(original, from, [earAt(from.context)]);
      return Reflect.apply(original, from, args);
    },
  });
}

/** The tones that the page itself has played since that moment (milliseconds since the epoch), in their order. Hz. */
export function playedTones(page: Page, since: number): Promise<number[]> {
  return page.evaluate(
    (since) => window.played.filter(({ at }) => at >= since).map(({ hertz }) => Math.round(hertz)),
    since,
  );
}

/** The loudest frequency in all remote audio just now (Hz), or undefined while it is silent. */
export function heardTone(page: Page): Promise<number | undefined> {
  return page.evaluate(async () => {
    let loudest = -60;
    let hertz: number | undefined;
    // A connection may have tracks in reserve that never sound: all are listened to.
    for (const { track, analyser, context } of window.receivedAudio) {
      if (track.readyState !== "live") continue;
      await context.resume();
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      for (const [index, level] of bins.entries()) {
        if (index === 0 || level <= loudest) continue;
        loudest = level;
        hertz = (index * context.sampleRate) / analyser.fftSize;
      }
    }
    return hertz;
  });
}

/** How many RTP packets this page has received, all peer connections and kinds together. */
export function packetsReceived(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let packets = 0;
    for (const receiver of window.receivers) {
      for (const report of (await receiver.getStats()).values()) {
        if (report.type === "inbound-rtp") packets += report.packetsReceived;
      }
    }
    return packets;
  });
}

/** The grey values, 0 to 255, of a grid over the first video that shows a picture, row by row; undefined while none does. */
export function sampleVideo(page: Page, columns: number, rows: number): Promise<number[] | undefined> {
  return page.evaluate(
    ([columns, rows]) => {
      const video = [...document.querySelectorAll("video")].find((one) => one.videoWidth > 0 && one.readyState >= 2);
      if (!video) return undefined;
      const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
      const context = canvas.getContext("2d");
      if (!context) return undefined;
      context.drawImage(video, 0, 0);
      const greys: number[] = [];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const x = Math.floor(((column + 0.5) * canvas.width) / columns);
          const y = Math.floor(((row + 0.5) * canvas.height) / rows);
          const [red = 0, green = 0, blue = 0] = context.getImageData(x, y, 1, 1).data;
          greys.push(0.299 * red + 0.587 * green + 0.114 * blue);
        }
      }
      return greys;
    },
    [columns, rows] as const,
  );
}
