/** What receivers do while it rings. */
import { end, silence } from "./ending.ts";
import { type CallState, isRinging } from "./state.ts";
import { talk } from "./talking.ts";
import { type EventOf, legOf, legsOf, note, personIn, type Turn } from "./turn.ts";

/** A press that found nobody to ring. */
export const ringsNobody = ({ phase, legs }: CallState): boolean =>
  phase === "ringing" && legs.every(({ fate }) => fate === "offline" || fate === "not-allowed");

export function rang(turn: Turn, event: EventOf<"rang" | "answer" | "decline">): void {
  const { state, effects } = turn;
  const leg = legOf(state, event);
  if (state.phase !== "ringing" || leg?.fate !== "told") return;
  leg.fate = "rang";
  leg.rangAt = state.now;
  note(turn, { type: "rang", legId: leg.legId, name: leg.name });
  effects.push({ type: "receivers" });
}

/** The first answer wins: here alone it is decided. */
export function answer(turn: Turn, event: EventOf<"rang" | "answer" | "decline">): void {
  const { state, effects } = turn;
  const leg = legOf(state, event);
  if (!leg || leg.legId === state.person) return;
  if (state.phase !== "ringing" || !isRinging(leg)) {
    effects.push({ type: "answer-refused", leg: leg.legId });
    return;
  }
  leg.fate = "answered";
  state.person = leg.legId;
  note(turn, { type: "answered", legId: leg.legId, name: leg.name });
  silence(turn, "answered-elsewhere", leg.name);
  talk(turn);
}

export function decline(turn: Turn, event: EventOf<"rang" | "answer" | "decline">): void {
  const { state, effects } = turn;
  const leg = legOf(state, event);
  if (state.phase !== "ringing" || !leg || !isRinging(leg)) return;
  leg.fate = "declined";
  leg.endedAt = state.now;
  note(turn, { type: "declined", legId: leg.legId, name: leg.name });
  effects.push({ type: "ring-end", legs: [leg.legId], reason: "declined" });
  if (state.legs.some(isRinging)) effects.push({ type: "receivers" });
  else end(turn, "declined", leg.name);
}

/** Takes the ringing from everything this person has: out of the room with them. */
export function dismiss(turn: Turn, userId: string): void {
  const { state, effects } = turn;
  const out = state.legs.filter((leg) => leg.userId === userId && isRinging(leg));
  if (out.length === 0) return;
  for (const leg of out) {
    leg.fate = "not-allowed";
    leg.endedAt = state.now;
  }
  const legs = out.map((leg) => leg.legId);
  effects.push({ type: "gateway", message: { type: "dismiss", callId: state.callId, listeners: legs } });
  effects.push({ type: "ring-end", legs, reason: "nobody-available" });
  if (state.legs.some(isRinging)) effects.push({ type: "receivers" });
  else end(turn, "nobody-available");
}

/** A client that is not heard of rings for nobody: the visitor does not wait for it. */
export function fellSilent(turn: Turn, client: { clientId: string; userId: string }): void {
  const { state, effects } = turn;
  const out = legsOf(state, client).filter(isRinging);
  if (state.phase !== "ringing" || out.length === 0) return;
  for (const leg of out) leg.endedAt = state.now;
  effects.push({ type: "ring-end", legs: out.map((leg) => leg.legId), reason: "person-lost" });
  if (state.legs.some(isRinging)) effects.push({ type: "receivers" });
  else end(turn, "nobody-available");
}

/** A client that reconnected hears again where its call stands. */
export function returned({ state, effects }: Turn, client: { clientId: string; userId: string }): void {
  for (const leg of legsOf(state, client)) {
    delete leg.goneAt;
    // One that had fallen silent is there after all.
    if (state.phase === "ringing" && (leg.fate === "told" || leg.fate === "rang")) delete leg.endedAt;
    if (state.phase === "ringing" && isRinging(leg)) effects.push({ type: "ring", legs: [leg.legId] });
    if (leg.legId === state.person) {
      if (state.phase === "talking") effects.push({ type: "talking", leg: leg.legId });
      if (state.phase === "placing") effects.push({ type: "calling", leg: leg.legId });
      if (!state.ending) continue;
      const { reason } = state.ending;
      // It may have missed that it won as well: then it still rings there.
      if (state.direction === "from-station") effects.push({ type: "ring-end", legs: [leg.legId], reason });
      effects.push({ type: "call-end", leg: leg.legId, reason });
    } else if (leg.endedAt !== undefined && leg.fate !== "declined") {
      // Its ringing ended while it was away: it must not ring on in a browser that missed that.
      const by = state.answeredAt === undefined ? undefined : personIn(state)?.name;
      const reason = by ? "answered-elsewhere" : (state.ending?.reason ?? "failed");
      effects.push({ type: "ring-end", legs: [leg.legId], reason, ...(by ? { by } : {}) });
    }
  }
}
