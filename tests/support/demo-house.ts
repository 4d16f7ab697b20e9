/** The demo house in a test: a whole platform of its own, stations at its doors, and people at their desks. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { demoDoors } from "../../db/seed/demo.ts";
import { type Baresip, registered, startBaresip } from "./baresip.ts";
import { openProfile, startBrowser } from "./browser.ts";
import { randomPictureCode, writeBrowserCamera, writeStationCamera } from "./camera.ts";
import { signIn, turnSoundOn } from "./desk.ts";
import { enrolled } from "./enrolled.ts";
import { type Platform, startPlatform, stationSettings } from "./platform.ts";
import { takePorts } from "./ports.ts";
import { type ReferenceStation, startReferenceStation } from "./reference-station.ts";
import { randomTone, writeToneFile } from "./tone.ts";

/** What a station at one of the doors sends, drawn at random. */
export interface AtDoor {
  door: (typeof demoDoors)[number];
  /** Hz. */
  tone: number;
  pictureCode: number;
}

export interface DemoHouse {
  platform: Platform;
  browser: Browser;
  /** What every microphone in the browser hears: another octave than any door's tone. Hz. */
  personTone: number;
  /** What every camera in the browser sees. */
  personCode: number;
  /** A profile of its own for this person: signed in, with the sound on. */
  desk(who: keyof Platform["accounts"]): Promise<Page>;
  /** Our own station at that door, registered. `options` are those of its command line. */
  station(door: 0 | 1 | 2, ...options: string[]): Promise<ReferenceStation & AtDoor>;
  /** baresip at that door, registered. */
  baresip(door: 0 | 1 | 2): Promise<Baresip & AtDoor>;
  stop(): Promise<void>;
}

/** Starts platform and browser; `environment` overrides the platform's settings. */
export async function startDemoHouse(environment: Record<string, string> = {}): Promise<DemoHouse> {
  const platform = await startPlatform(environment);
  try {
    return await furnish(platform);
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

async function furnish(platform: Platform): Promise<DemoHouse> {
  const file = (name: string) => join(platform.dataDir, name);
  const personTone = randomTone() + 1600;
  const personCode = randomPictureCode();
  writeToneFile(file("person.wav"), personTone, { spoken: true });
  await writeBrowserCamera(file("person.y4m"), personCode);
  const browser = await startBrowser({ microphone: file("person.wav"), camera: file("person.y4m") });
  const ends: (() => Promise<void>)[] = [() => browser.close()];

  return {
    platform,
    browser,
    personTone,
    personCode,
    async desk(who) {
      const page = await (await openProfile(browser, platform.origin)).newPage();
      await signIn(page, platform.origin, platform.accounts[who]);
      await turnSoundOn(page);
      return page;
    },
    async station(index, ...options) {
      const at = drawn(index);
      const { door, tone, pictureCode } = at;
      const station = startReferenceStation(
        ["listen", "--device", door.id, "--tone", String(tone), "--picture-code", String(pictureCode), ...options],
        stationSettings(platform),
      );
      ends.push(() => station.stop());
      await station.told("registered");
      return Object.assign(station, at);
    },
    async baresip(index) {
      const at = drawn(index);
      const { door, tone, pictureCode } = at;
      writeToneFile(file("door.wav"), tone, { seconds: 60, loudness: 1_000 }); // baresip hangs up when its file is at its end
      await writeStationCamera(file("door.mp4"), pictureCode);
      const { certificate, key } = await enrolled(stationSettings(platform), door.id);
      writeFileSync(file("door.pem"), readFileSync(certificate, "utf8") + readFileSync(key, "utf8"), { mode: 0o600 });
      // It takes a second port beside the first, and twenty for its media.
      const ports = await takePorts(40);
      const [sip = 0, control = 0, rtp = 0] = [ports[0], ports[10], ports[15]];
      const station = await startBaresip({
        folder: file("baresip"),
        deviceId: door.id,
        certificate: file("door.pem"),
        serverAuthority: join(file("pki"), "server-ca.pem"),
        registrar: { host: "127.0.0.1", port: platform.sipPort },
        ports: { sip, control, rtp },
        microphone: file("door.wav"),
        camera: file("door.mp4"),
      });
      ends.push(() => station.stop());
      await station.said(registered);
      return Object.assign(station, at);
    },
    async stop() {
      for (const end of ends) await end();
      await platform.stop();
    },
  };
}

const drawn = (index: 0 | 1 | 2): AtDoor => ({
  door: demoDoors[index],
  tone: randomTone(),
  pictureCode: randomPictureCode(),
});
