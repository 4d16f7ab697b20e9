/**
 * LiveKit tokens: one a leg, one room, a minute to join. What a ringing browser may do is decided here and nowhere else.
 * A token is a JWT signed with HS256 (RFC 7519, RFC 7515); written out here because 32 of them stand between a press and
 * its ringing, and LiveKit's own server library brings a megabyte of protocol along.
 */
import type { MediaAccess } from "#core/messages/client.ts";
import type { CallId, LegId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { base64Url, hmacKey } from "./signing.ts";

/** Seconds. LiveKit itself renews what a joined participant holds. */
const tokenLife = 60;
const encoder = new TextEncoder();
const header = base64Url(encoder.encode(JSON.stringify({ alg: "HS256", typ: "JWT" })));

export interface Asked {
  callId: CallId;
  legId: LegId;
  stationLegId: LegId;
  /** False while ringing: hears and sees the station, sends nothing. */
  publish: boolean;
  ready: boolean;
}

export async function mediaAccess(env: Env, asked: Asked): Promise<MediaAccess> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: env.LIVEKIT_API_KEY,
    sub: asked.legId,
    nbf: now,
    exp: now + tokenLife,
    video: {
      roomJoin: true,
      room: asked.callId,
      canPublish: asked.publish,
      canPublishData: false,
      canSubscribe: true,
      canUpdateOwnMetadata: false,
    },
  };
  const signed = `${header}.${base64Url(encoder.encode(JSON.stringify(claims)))}`;
  const signature = await crypto.subtle.sign("HMAC", await hmacKey(env.LIVEKIT_API_SECRET), encoder.encode(signed));
  const token = `${signed}.${base64Url(new Uint8Array(signature))}`;
  return { url: env.LIVEKIT_URL, token, stationLegId: asked.stationLegId, ready: asked.ready };
}
