/** The doors into the calls, for workers/routes/: each takes what the route has checked and hands it to its object. */
import type { DoorState } from "#core/messages/client.ts";
import { type DeviceId, nodeName, type OrganisationId, onlyNode, type UserId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import type { Identity, WhichSessions } from "./sockets.ts";

export { readSnapshot, signedSnapshotUrl, storeSnapshot } from "./snapshots.ts";

const upgrades = (request: Request) => request.headers.get("upgrade")?.toLowerCase() === "websocket";

/**
 * GET /api/live. `identity` comes from the checked session, never from the request. Browsers do not hold WebSockets to
 * the same origin, so that is done here: else any page could speak with the visitor's cookie.
 */
export async function acceptClient(
  env: Env,
  request: Request,
  identity: Omit<Identity, "lookedUpAt" | "until"> & { organisationId: OrganisationId },
  reach: Reach,
): Promise<Response> {
  if (!upgrades(request)) return problem(426, "upgrade-required", "This address speaks WebSocket.");
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== env.PUBLIC_ORIGIN) return problem(403, "wrong-origin", "Not from this page.");
  const { organisationId, userId, name, role, sessionId } = identity;
  const { doors, until, lookedUpAt } = reach;
  const session = sessionId ? { sessionId } : {};
  const known: Identity = { userId, name, role, ...session, lookedUpAt, ...(until ? { until } : {}) };
  const switchboard = env.SWITCHBOARD.getByName(organisationId);
  if (doors !== "all") await switchboard.reaches(userId, doors, lookedUpAt);
  return switchboard.fetch("https://switchboard/", {
    headers: { upgrade: "websocket", "x-identity": encodeURIComponent(JSON.stringify(known)) },
  });
}

/** Which doors somebody gets to, and until when at least, as it was at a moment before anything of it was looked up. Milliseconds. */
export interface Reach {
  doors: "all" | DeviceId[];
  lookedUpAt: number;
  until?: number;
}

/** GET /media-node/link?node=<name>. The name tells nodes apart; one node needs none. */
export async function acceptMediaNode(env: Env, request: Request): Promise<Response> {
  if (!upgrades(request)) return problem(426, "upgrade-required", "This address speaks WebSocket.");
  const node = nodeName.safeParse(new URL(request.url).searchParams.get("node") ?? onlyNode);
  if (!node.success) return problem(400, "bad-node", "A node's name is 1 to 64 letters, digits, dots or dashes.");
  return env.MEDIA_NODE_LINK.getByName(node.data).fetch("https://media-node/", { headers: { upgrade: "websocket" } });
}

/** Every door that has ever registered, as it is now. */
export async function doorStates(env: Env, organisationId: OrganisationId): Promise<DoorState[]> {
  return env.SWITCHBOARD.getByName(organisationId).doorStates();
}

/** @returns false if no media node is linked that could run the station */
export async function pressVirtualStation(
  env: Env,
  organisationId: OrganisationId,
  deviceId: DeviceId,
): Promise<boolean> {
  return env.SWITCHBOARD.getByName(organisationId).pressVirtual(deviceId);
}

/** Whose portal is open in a browser, for this organisation. */
export async function peopleHere(env: Env, organisationId: OrganisationId): Promise<Set<UserId>> {
  const clients = await env.SWITCHBOARD.getByName(organisationId).presence();
  return new Set(clients.map(({ userId }) => userId));
}

/** Closes a person's sockets. To be called on sign-out and on a new password. */
export async function signOutClients(
  env: Env,
  organisationId: OrganisationId,
  userId: UserId,
  which: WhichSessions,
): Promise<void> {
  await env.SWITCHBOARD.getByName(organisationId).signOut(userId, which);
}

/** Closes the sockets of a session that works in another organisation from now on: they come back as that one's. */
export async function moveClients(
  env: Env,
  organisationId: OrganisationId,
  userId: UserId,
  sessionId: string,
): Promise<void> {
  await env.SWITCHBOARD.getByName(organisationId).movedOn(userId, sessionId);
}

/**
 * To be called whenever what a person may do in an organisation has changed, or where: their sockets close, to come back
 * as what they are now, and they are out of every call that they may not take part in any more.
 */
export async function accessChanged(env: Env, organisationId: OrganisationId, userId: UserId): Promise<void> {
  await env.SWITCHBOARD.getByName(organisationId).accessChanged(userId);
}
