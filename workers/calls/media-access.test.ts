import { env } from "cloudflare:workers";
import { TokenVerifier } from "livekit-server-sdk";
import { expect, it } from "vitest";
import { legId } from "#core/messages/values.ts";
import { mediaAccess } from "./media-access.ts";
import { newCallId } from "./testing/house.ts";

it("writes tokens that LiveKit's own library accepts, for one leg in one room", async () => {
  const asked = {
    callId: newCallId(),
    legId: legId.parse(crypto.randomUUID()),
    stationLegId: legId.parse(crypto.randomUUID()),
    publish: false,
    ready: false,
  };
  const { token, url } = await mediaAccess(env, asked);
  const claims = await new TokenVerifier(env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET).verify(token);
  expect(claims).toMatchObject({
    sub: asked.legId,
    video: { roomJoin: true, room: asked.callId, canPublish: false, canSubscribe: true, canPublishData: false },
  });
  expect(claims.video?.roomCreate ?? claims.video?.roomAdmin).toBeUndefined();
  expect(url).toBe(env.LIVEKIT_URL);
  await expect(new TokenVerifier(env.LIVEKIT_API_KEY, "another secret").verify(token)).rejects.toThrow();
});
