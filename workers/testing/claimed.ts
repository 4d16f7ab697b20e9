/** A device that somebody claimed, with the certificate it was given. */
import { claimProgress } from "#core/messages/claiming.ts";
import { certificateIn, enrol, type Held, makeKeys, type newMaker, requestWith } from "./factory.ts";
import { somebody } from "./portal.ts";

/** Goes the whole way through the real worker: online, pressed, its code given, enrolled. @param owner a new one, or whoever has some already */
export async function claimedDevice(
  maker: Awaited<ReturnType<typeof newMaker>>,
  owner?: Pick<Awaited<ReturnType<typeof somebody>>, "portal" | "email" | "organisationId">,
) {
  const { portal, email, organisationId } = owner ?? (await somebody());
  const device = await maker.device();
  const keys = await makeKeys();
  const request = await requestWith({ keys });
  await enrol(device.factory, request);
  await device.press();
  const answer = await portal.ask("/api/claims", { body: { code: device.code } });
  const { deviceId } = claimProgress.parse(await answer.json());
  const own: Held = { keys, certificate: await certificateIn(await enrol(device.factory, request)) };
  return { ...device, portal, email, organisationId, deviceId, request, own };
}
