/** LiveKit tokens: one a leg, one room, a minute to join. What a ringing browser may do is decided here and nowhere else. */
import { AccessToken } from "livekit-server-sdk";
import type { MediaAccess } from "#core/messages/client.ts";
import type { CallId, LegId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";

/** Seconds. LiveKit itself renews what a joined participant holds. */
const tokenLife = 60;

export interface Asked {
  callId: CallId;
  legId: LegId;
  stationLegId: LegId;
  /** False while ringing: hears and sees the station, sends nothing. */
  publish: boolean;
  ready: boolean;
}

export async function mediaAccess(env: Env, asked: Asked): Promise<MediaAccess> {
  const token = new AccessToken(env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET, { identity: asked.legId, ttl: tokenLife });
  token.addGrant({
    roomJoin: true,
    room: asked.callId,
    canPublish: asked.publish,
    canPublishData: false,
    canSubscribe: true,
    canUpdateOwnMetadata: false,
  });
  return { url: env.LIVEKIT_URL, token: await token.toJwt(), stationLegId: asked.stationLegId, ready: asked.ready };
}
