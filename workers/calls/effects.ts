/** Writes the messages that a call's effects name, from the call's state at the moment they leave. */
import { type Opener, openerOf } from "#core/access/door-openers.ts";
import { asReceiver, type CallState, type Effect, isRinging, type Leg } from "#core/call/state.ts";
import type { ToClient } from "#core/messages/client.ts";
import type { ClientId, DeviceId, LegId, UserId } from "#core/messages/values.ts";
import { formatTraceparent, sessionSpan } from "#core/trace/context.ts";
import type { Env } from "../env.ts";
import type { Queued } from "./link-ledger.ts";
import { mediaAccess } from "./media-access.ts";
import { snapshotToken } from "./signing.ts";
import { signedSnapshotUrl } from "./snapshots.ts";

export interface ClientMessage {
  clientId: ClientId;
  userId: UserId;
  message: ToClient;
}

/** What the switchboard must know of a call to show its door, and to open it. */
export interface DoorCall {
  deviceId: DeviceId;
  /** Absent: the call is over. */
  phase?: "ringing" | "talking";
  with?: string;
  since: number;
  openers: Opener[];
}

export interface Delivery {
  messages: ClientMessage[];
  door?: DoorCall;
}

export function doorCall(state: CallState): DoorCall {
  const { deviceId, phase, door } = state;
  if (phase === "ended") return { deviceId, since: state.now, openers: [] };
  const person = state.legs.find((leg) => leg.legId === state.person);
  return {
    deviceId,
    phase: phase === "talking" ? "talking" : "ringing",
    ...(person ? { with: person.name } : {}),
    since: state.answeredAt ?? state.startedAt,
    openers: door?.openers ?? [],
  };
}

/** @returns nothing if the call has moved on and the gateway must not hear it any more */
export async function gatewayMessage(
  env: Env,
  state: CallState,
  effect: Extract<Effect, { type: "gateway" | "gateway-ringing" }>,
): Promise<Queued | undefined> {
  if (effect.type === "gateway") {
    const { message } = effect;
    const begins = message.type === "answer" || message.type === "invite";
    if (!begins || !env.OTEL_EXPORTER_OTLP_ENDPOINT) return message;
    return { ...message, traceparent: formatTraceparent(sessionSpan(state.callId)) };
  }
  const { callId, door, ringUntil } = state;
  if (!door || state.phase === "ended") return undefined;
  return {
    type: "ringing",
    callId,
    organisationId: door.organisationId,
    listeners: state.legs.filter((leg) => leg.clientId && leg.toldAt !== undefined).map((leg) => leg.legId),
    ringUntil,
    snapshot: {
      url: `${env.PUBLIC_ORIGIN}/media-node/snapshots/${callId}`,
      token: await snapshotToken(env.URL_SECRET, callId),
    },
  };
}

/** The messages of one effect, for every client it concerns. */
export async function clientMessages(env: Env, state: CallState, effect: Effect): Promise<ClientMessage[]> {
  const { callId } = state;
  const now = Date.now();
  const to = (legs: LegId[], message: ToClient) =>
    legsOf(state, legs).map(({ clientId, userId }) => ({ clientId, userId, message }));
  switch (effect.type) {
    case "ring":
      return ringing(env, state, effect.legs, now);
    case "talking":
      // Over before the winner heard that it won: it still rings there.
      if (state.ending) return to([effect.leg], { type: "ring-end", callId, reason: state.ending.reason });
      return talking(env, state, effect.leg, now);
    case "calling":
      return calling(env, state, effect.leg);
    case "receivers": {
      if (state.phase !== "ringing") return [];
      const legs = state.legs.filter(isRinging).map((leg) => leg.legId);
      return to(legs, { type: "receivers", callId, receivers: state.legs.map(asReceiver) });
    }
    case "snapshot": {
      const legs = state.legs.filter((leg) => isRinging(leg) || leg.legId === state.person).map((leg) => leg.legId);
      if (state.phase === "ended" || legs.length === 0) return [];
      return Promise.all(
        legsOf(state, legs).map(async ({ clientId, userId }) => {
          const snapshotUrl = await signedSnapshotUrl(env, { ...state, userId }, now);
          return { clientId, userId, message: { type: "snapshot", callId, snapshotUrl } };
        }),
      );
    }
    case "media-ready":
      return state.phase === "ended" ? [] : to(effect.legs, { type: "media-ready", callId });
    case "ring-end":
      return to(effect.legs, {
        type: "ring-end",
        callId,
        reason: effect.reason,
        ...(effect.by ? { by: effect.by } : {}),
      });
    case "answer-refused":
      return to([effect.leg], { type: "answer-refused", callId });
    case "call-warning":
      return to([effect.leg], { type: "call-warning", callId, endsAt: state.endsAt });
    case "call-end":
      return to([effect.leg], { type: "call-end", callId, reason: effect.reason });
    case "call-refused":
      return to([effect.leg], { type: "call-refused", requestId: effect.requestId, reason: effect.reason });
    case "plan":
    case "record":
    case "save-snapshot":
    case "door-free":
    case "gateway":
    case "gateway-ringing":
      return [];
  }
}

type RingingLeg = Leg & { clientId: ClientId };

const legsOf = (state: CallState, legs: LegId[]): RingingLeg[] =>
  state.legs.filter((leg): leg is RingingLeg => leg.clientId !== undefined && legs.includes(leg.legId));

const mayOpen = ({ door }: CallState, leg: Leg): boolean => openerOf(door?.openers ?? [], leg) !== undefined;

/** One token a leg; everything else is the same for all. Legs that ring no more are left out. */
async function ringing(env: Env, state: CallState, legs: LegId[], now: number): Promise<ClientMessage[]> {
  const { callId, door, stationLegId, ready, deviceId } = state;
  if (!door || state.phase !== "ringing") return [];
  const common = {
    type: "ring" as const,
    now,
    callId,
    deviceId,
    door: door.name,
    site: door.site,
    button: door.button ?? door.name,
    pressedAt: state.startedAt,
    ringUntil: state.ringUntil,
    receivers: state.legs.map(asReceiver),
  };
  return Promise.all(
    legsOf(state, legs)
      .filter(isRinging)
      .map(async (leg) => {
        const media = await mediaAccess(env, { callId, legId: leg.legId, stationLegId, publish: false, ready });
        const { clientId, userId } = leg;
        const pictured = state.snapshotAt !== undefined;
        const picture = pictured ? { snapshotUrl: await signedSnapshotUrl(env, { ...state, userId }, now) } : {};
        const message: ToClient = { ...common, ...picture, legId: leg.legId, media, mayOpen: mayOpen(state, leg) };
        return { clientId, userId, message };
      }),
  );
}

async function talking(env: Env, state: CallState, legId: LegId, now: number): Promise<ClientMessage[]> {
  const { callId, door, stationLegId, ready, deviceId, answeredAt } = state;
  const [leg] = legsOf(state, [legId]);
  if (!door || !leg || state.phase !== "talking" || answeredAt === undefined) return [];
  const media = await mediaAccess(env, { callId, legId, stationLegId, publish: true, ready });
  const message: ToClient = {
    type: "talking",
    now,
    callId,
    legId,
    deviceId,
    door: door.name,
    site: door.site,
    answeredAt,
    warnAt: state.warnAt,
    endsAt: state.endsAt,
    media,
    mayOpen: mayOpen(state, leg),
  };
  return [{ clientId: leg.clientId, userId: leg.userId, message }];
}

async function calling(env: Env, state: CallState, legId: LegId): Promise<ClientMessage[]> {
  const { callId, door, stationLegId, ready, deviceId, requestId } = state;
  const [leg] = legsOf(state, [legId]);
  if (!door || !leg || !requestId || state.phase !== "placing") return [];
  const media = await mediaAccess(env, { callId, legId, stationLegId, publish: true, ready });
  const message: ToClient = {
    type: "calling",
    requestId,
    callId,
    legId,
    deviceId,
    door: door.name,
    site: door.site,
    media,
    mayOpen: mayOpen(state, leg),
  };
  return [{ clientId: leg.clientId, userId: leg.userId, message }];
}
