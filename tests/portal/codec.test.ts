/** What the call's chip says of the sound, against what two browsers' connections really use. */
import { build } from "esbuild";
import { expect, it } from "vitest";
import { openPage } from "./browser.ts";
import { openDesk } from "./desk.ts";

const { portal } = openDesk();

type Quality = typeof import("../../portal/src/calls/quality.ts");
declare global {
  interface Window {
    quality: Quality;
  }
}

/** The portal's own reading of the statistics, as a script for the page. */
async function readingScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("../../portal/src/calls/quality.ts", import.meta.url).pathname],
    bundle: true,
    format: "iife",
    globalName: "quality",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

it.each([
  { mimeType: "audio/opus", name: "Opus", least: 8, most: 128 },
  { mimeType: "audio/G722", name: "G.722", least: 62, most: 66 },
  { mimeType: "audio/PCMA", name: "G.711", least: 62, most: 66 },
])("names $mimeType as $name, with the bits that come", async ({ mimeType, name, least, most }) => {
  const { page } = await openPage(portal(), { api: {}, welcome: () => [] }, { permissions: ["microphone"] });
  await page.goto(`${portal().origin}/sign-in`);
  await page.addScriptTag({ content: await readingScript() });
  const read = await page.evaluate(async (wanted) => {
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
    near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
    far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
    const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks();
    if (!track) throw new Error("No microphone");
    const transceiver = near.addTransceiver(track);
    const offered = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
    transceiver.setCodecPreferences(offered.filter((codec) => codec.mimeType === wanted));
    await near.setLocalDescription();
    if (near.localDescription) await far.setRemoteDescription(near.localDescription);
    await far.setLocalDescription();
    if (far.localDescription) await near.setRemoteDescription(far.localDescription);
    const look = async () => {
      const receiver = far.getReceivers()[0];
      if (!receiver) throw new Error("Nothing is received");
      return window.quality.readLook(await receiver.getStats());
    };
    const comes = async (packets: number) => {
      for (;;) {
        const seen = await look();
        if (seen.packets >= packets) return seen;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const before = await comes(20);
    const after = await comes(before.packets + 100);
    near.close();
    far.close();
    return { codec: after.codec, kilobits: (window.quality.bitRate(before, after) ?? 0) / 1_000 };
  }, mimeType);
  expect(read.codec).toBe(name);
  expect(read.kilobits).toBeGreaterThan(least);
  expect(read.kilobits).toBeLessThan(most);
  await page.context().close();
});
