/** Answer → first audio, both ways, in a real browser; in turns with LiveKit's own join in the same browser. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openProfile, startBrowser } from "../../support/browser.ts";
import { ringSheet, signIn, turnSoundOn } from "../../support/desk.ts";
import { startPresser } from "../../support/presser.ts";
import { writeToneFile } from "../../support/tone.ts";
import { clockAhead, forget, noted, takeNotes } from "./ears.ts";
import type { House } from "./house.ts";
import { openLiveKitJoin } from "./livekit-join.ts";

export interface AnsweringResult {
  /** INVITE → the ring message in the browser, → the sheet in its page, → the station's sound, still muted. */
  ring: number[];
  sheet: number[];
  early: number[];
  /** "Answer" pressed → the station is heard; → the station hears; → the station has its 200. */
  stationHeard: number[];
  personHeard: number[];
  accepted: number[];
  /** LiveKit's own join → first audio. */
  joins: number[];
}

/** Who it is at the door is looked at before it is answered. Milliseconds. */
const look = 700;

/** So many calls and as many joins, after one of each that does not count. */
export async function measureAnswering(house: House, calls: number): Promise<AnsweringResult> {
  const { settings, secrets, door } = house;
  const origin = settings.publicOrigin;
  const microphone = join(settings.dataDir, "person.wav");
  writeToneFile(microphone, 1_900, { spoken: true });
  const browser = await startBrowser({ microphone, autoplayBypass: true });
  const presser = await startPresser(settings.dataDir, settings.SIP_PORT, door);
  try {
    const joins = await openLiveKitJoin(house, await browser.newContext({ bypassCSP: true }));
    const profile = await openProfile(browser, origin);
    await takeNotes(profile);
    const page = await profile.newPage();
    const password = secrets.DEMO_PASSWORD_MARA;
    await signIn(page, origin, { email: "mara.lenz@lindenhof.example", password });
    await turnSoundOn(page);
    const ahead = await clockAhead(page);
    const result: AnsweringResult = {
      ring: [],
      sheet: [],
      early: [],
      stationHeard: [],
      personHeard: [],
      accepted: [],
      joins: [],
    };

    const call = async () => {
      await forget(page);
      const press = await presser.press({ media: true });
      const [ring, sheet, early] = await Promise.all(
        (["ring", "sheet", "flowing"] as const).map((what) => noted(page, what, ahead)),
      );
      await pause(look);
      await ringSheet(page, "Main entrance")
        .getByRole("button", { name: /^Answer(?! with)/ })
        .click();
      const [answer = 0, heard, personHeard, accepted] = await Promise.all([
        noted(page, "answer", ahead),
        noted(page, "heard", ahead),
        press.heardAt,
        press.answeredAt,
      ]);
      press.end();
      await press.over;
      await page.getByText("The door hung up").waitFor();
      const since = (moment: number | undefined, begin: number) => (moment ?? Number.NaN) - begin;
      result.ring.push(since(ring, press.pressedAt));
      result.sheet.push(since(sheet, press.pressedAt));
      result.early.push(since(early, press.pressedAt));
      result.stationHeard.push(since(heard, answer));
      result.personHeard.push(since(personHeard, answer));
      result.accepted.push(since(accepted, answer));
    };

    for (let n = 0; n <= calls; n++) {
      await call();
      await pause(300);
      result.joins.push(await joins.once());
      await pause(300);
      if (n === 0) for (const values of Object.values(result)) values.length = 0;
    }
    return result;
  } finally {
    presser.close();
    await browser.close();
  }
}
