/** LiveKit's own way into a room: its client joins where somebody talks already. From `connect` to the first sound. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import type { BrowserContext, Page } from "playwright-core";
import { clockAhead, forget, noted, takeNotes } from "./ears.ts";
import type { House } from "./house.ts";

const room = "join-to-first-audio";
/** A page of the same server with nothing of the portal in it. What it forbids scripts, the profile must let them. */
const path = "/health";

declare global {
  interface Window {
    LiveKit: typeof import("livekit-client");
    inRoom: import("livekit-client").Room | undefined;
  }
}

export interface LiveKitJoin {
  /** Joins, hears, leaves. @returns milliseconds */
  once(): Promise<number>;
}

/** @param profile one that bypasses content security policies: a talker that stays in the room, and a listener that joins it each time, in pages of the same browser. */
export async function openLiveKitJoin({ settings, secrets }: House, profile: BrowserContext): Promise<LiveKitJoin> {
  const { LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret } = secrets;
  const url = settings.publicOrigin.replace(/^http/, "ws");
  const address = settings.publicOrigin + path;
  await new RoomServiceClient(`http://127.0.0.1:${settings.LIVEKIT_PORT}`, key, secret).createRoom({ name: room });
  const bundled = await build({
    entryPoints: [fileURLToPath(import.meta.resolve("livekit-client"))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "LiveKit",
    logLevel: "error",
  });
  const script = bundled.outputFiles[0]?.text ?? "";
  await takeNotes(profile);
  await profile.grantPermissions(["microphone"], { origin: settings.publicOrigin });
  const token = async (identity: string) => {
    const made = new AccessToken(key, secret, { identity });
    made.addGrant({ roomJoin: true, room });
    return made.toJwt();
  };
  const open = async (): Promise<Page> => {
    const page = await profile.newPage();
    await page.goto(address);
    await page.addScriptTag({ content: script });
    return page;
  };
  const talker = await open();
  await talker.evaluate(
    async ({ url, token }) => {
      window.inRoom = new window.LiveKit.Room();
      await window.inRoom.connect(url, token);
      await window.inRoom.localParticipant.setMicrophoneEnabled(true, { echoCancellation: false });
    },
    { url, token: await token("talker") },
  );
  const listener = await open();
  const ahead = await clockAhead(listener);

  return {
    async once() {
      await forget(listener);
      const began = await listener.evaluate(
        ({ url, token }) => {
          const room = new window.LiveKit.Room();
          window.inRoom = room;
          room.on(window.LiveKit.RoomEvent.TrackSubscribed, (track) => {
            if (track.kind === window.LiveKit.Track.Kind.Audio) document.body.append(track.attach());
          });
          const at = performance.timeOrigin + performance.now();
          void room.connect(url, token);
          return at;
        },
        { url, token: await token("listener") },
      );
      const heard = await noted(listener, "heard", ahead);
      await listener.evaluate(async () => {
        await window.inRoom?.disconnect();
        document.querySelector("audio")?.remove();
      });
      return heard + ahead - began;
    },
  };
}
