/**
 * The state table of a call: `step(state, event, now)` says what the call is after an event and what must follow.
 * Pure. It takes events doubled, delayed and in any order: what does not fit the phase changes nothing, an ended call
 * stays ended, and there is exactly one outcome. Deadlines that passed are carried out before the event is looked at.
 *
 * planning ──planned──► ringing ──answer──────────► talking ──► ended
 *     │    └─(a person's)► placing ──station-answered──┘           ▲
 *     └──────────────── every phase may end ───────────────────────┘
 */
import { begin } from "./begin.ts";
import { deadlines } from "./deadlines.ts";
import { end, refuse } from "./ending.ts";
import { planned } from "./planning.ts";
import { answer, decline, dismiss, fellSilent, rang, returned, ringsNobody } from "./ringing.ts";
import { type CallState, type Effect, isRinging, type SessionEvent } from "./state.ts";
import { talk } from "./talking.ts";
import { type EventOf, isPerson, legsOf, note, personIn, type Turn, turnOf } from "./turn.ts";

export interface Step {
  state: CallState | undefined;
  effects: Effect[];
}

/** @param now milliseconds; earlier than the latest moment seen counts as that moment */
export function step(before: CallState | undefined, event: SessionEvent, now: number): Step {
  if (!before) {
    // Anything but a press or a person's call is late or stray where there is no call.
    const begins = event.type === "pressed" || event.type === "placed";
    return begins ? begin(event, now) : { state: undefined, effects: [] };
  }
  const turn = turnOf(before, now);
  settle(turn);
  take(turn, event);
  return turn;
}

/** Carries out the deadlines that have passed, in their order. */
function settle(turn: Turn): void {
  const { state, effects } = turn;
  for (;;) {
    const due = deadlines(state)[0];
    if (!due || due.at > state.now) return;
    switch (due.what) {
      case "warn":
        state.warned = true;
        note(turn, { type: "warned" });
        effects.push({ type: "gateway", message: { type: "warn", callId: state.callId } });
        if (state.person) effects.push({ type: "call-warning", leg: state.person });
        break;
      case "plan-time-out":
        refuse(turn, "failed");
        break;
      case "ring-time-out":
        end(turn, ringsNobody(state) ? "nobody-available" : "no-answer");
        break;
      case "time-limit":
      case "person-lost":
      case "media-node-lost":
        end(turn, due.what);
        break;
    }
  }
}

function take(turn: Turn, event: SessionEvent): void {
  const { state } = turn;
  switch (event.type) {
    case "pressed":
    case "placed":
      break; // doubled: the call exists
    case "time":
    case "station-ringing":
      break;
    case "planned":
      planned(turn, event);
      break;
    case "plan-failed":
      if (state.phase === "planning") refuse(turn, event.why);
      break;
    case "rang":
      rang(turn, event);
      break;
    case "answer":
      answer(turn, event);
      break;
    case "decline":
      decline(turn, event);
      break;
    case "hang-up":
      if (isPerson(state, event)) end(turn, "hung-up-by-person", personIn(state)?.name);
      break;
    case "client-closed":
      if (state.phase === "ended") return;
      for (const leg of legsOf(state, event)) leg.goneAt ??= state.now;
      break;
    case "client-returned":
      returned(turn, event);
      break;
    case "client-silent":
      if (isPerson(state, event)) end(turn, "person-lost");
      else fellSilent(turn, event);
      break;
    case "access-ended":
      accessEnded(turn, event.userId);
      break;
    case "media":
      if (!isPerson(state, event) || state.phase === "ended") return;
      if (event.flowing) delete state.mediaLostAt;
      else state.mediaLostAt ??= state.now;
      settle(turn);
      break;
    case "room-ready":
      roomReady(turn);
      break;
    case "snapshot-taken":
      snapshotTaken(turn);
      break;
    case "station-answered":
      if (state.phase === "placing") talk(turn);
      break;
    case "station-refused":
      if (state.phase === "placing" || state.phase === "planning") end(turn, "declined", undefined, "station");
      break;
    case "answered":
      if (state.phase === "talking") state.confirmed = true;
      break;
    case "caller-left":
      if (state.direction === "from-station") end(turn, "caller-left", undefined, "station");
      break;
    case "call-ended":
      end(turn, event.reason, undefined, "station");
      break;
    case "door-command":
      doorCommand(turn, event);
      break;
    case "link-lost":
      if (state.phase !== "ended") state.linkLostAt ??= state.now;
      break;
    case "link-back":
      delete state.linkLostAt;
      delete state.missingAt;
      break;
    case "missing":
      if (state.phase === "ringing" || state.phase === "talking") state.missingAt ??= state.now;
      break;
    case "media-node-lost":
      end(turn, "media-node-lost", undefined, "station");
      break;
  }
}

/** Whoever may not take part any more is out at once, and the others go on. */
function accessEnded(turn: Turn, userId: string): void {
  if (turn.state.phase === "ended") return;
  if (personIn(turn.state)?.userId === userId) end(turn, "person-lost");
  else dismiss(turn, userId);
}

function roomReady({ state, effects }: Turn): void {
  if (state.ready || state.phase === "ended") return;
  state.ready = true;
  const legs = state.legs.filter((leg) => isRinging(leg) || leg.legId === state.person).map((leg) => leg.legId);
  if (legs.length > 0 && state.phase !== "planning") effects.push({ type: "media-ready", legs });
}

function snapshotTaken(turn: Turn): void {
  const { state, effects } = turn;
  if (state.snapshotAt !== undefined) return;
  state.snapshotAt = state.now;
  effects.push({ type: "snapshot" }, { type: "save-snapshot" });
  if (ringsNobody(state)) end(turn, "nobody-available");
}

/** Commands are decided elsewhere; here they become part of the call's story, also when the reply comes after its end. */
function doorCommand(turn: Turn, { type: _, ...what }: EventOf<"door-command">): void {
  const { state, effects } = turn;
  const known = state.events.some(
    ({ what: e }) => e.type === "door" && e.commandId === what.commandId && e.state === what.state,
  );
  if (known) return;
  note(turn, { type: "door", ...what });
  if (state.phase === "ended" && state.door) effects.push({ type: "record" });
}
