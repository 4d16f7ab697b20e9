/**
 * The state table of a call: `step(state, event, now)` says what the call is after an event and what must follow.
 * Pure. It takes events doubled, delayed and in any order: what does not fit the phase changes nothing, an ended call
 * stays ended, and there is exactly one outcome. Deadlines that passed are carried out before the event is looked at.
 *
 * planning ──planned──► ringing ──answer──────────► talking ──► ended
 *     │    └─(a person's)► placing ──station-answered──┘           ▲
 *     └──────────────── every phase may end ───────────────────────┘
 */

import type { EndReason } from "../messages/values.ts";
import { deadlines } from "./deadlines.ts";
import { pictureTime, ringTime, talkLimit, warningTime } from "./limits.ts";
import type { CallEvent } from "./record.ts";
import { type CallState, type Effect, isRinging, type Leg, type SessionEvent } from "./state.ts";

export interface Step {
  state: CallState | undefined;
  effects: Effect[];
}

/** @param now milliseconds; earlier than the latest moment seen counts as that moment */
export function step(before: CallState | undefined, event: SessionEvent, now: number): Step {
  if (!before) return begin(event, now);
  const call = new Turn(before, now);
  call.settle();
  call.take(event);
  return { state: call.state, effects: call.effects };
}

/** Only a press or a person's call begins one. Anything else without a call is late or stray. */
function begin(event: SessionEvent, now: number): Step {
  if (event.type !== "pressed" && event.type !== "placed") return { state: undefined, effects: [] };
  const common = {
    callId: event.callId,
    phase: "planning" as const,
    nodeId: event.nodeId,
    deviceId: event.deviceId,
    stationLegId: event.stationLegId,
    startedAt: now,
    now,
    ready: false,
    ringUntil: now + ringTime,
    confirmed: false,
    warnAt: now + ringTime,
    endsAt: now + ringTime,
    warned: false,
  };
  if (event.type === "pressed") {
    const events: CallEvent[] = [{ at: now, what: { type: "pressed", button: event.button || "?" } }];
    const state: CallState = { ...common, direction: "from-station", button: event.button, legs: [], events };
    if (event.traceparent) state.traceparent = event.traceparent;
    return { state, effects: [{ type: "plan" }] };
  }
  const { legId, clientId, userId, name, role } = event.caller;
  const caller: Leg = { legId, clientId, userId, name, role, fate: "answered", toldAt: now };
  const state: CallState = {
    ...common,
    direction: "to-station",
    button: "",
    requestId: event.requestId,
    askedBy: event.askedBy,
    legs: [caller],
    person: legId,
    events: [{ at: now, what: { type: "called", by: name, userId } }],
  };
  return { state, effects: [{ type: "plan" }] };
}

/** One turn of the table: a copy of the state that the rules below change, and the effects they name. */
class Turn {
  readonly state: CallState;
  readonly effects: Effect[] = [];

  constructor(before: CallState, now: number) {
    this.state = { ...before, legs: before.legs.map((leg) => ({ ...leg })), events: [...before.events] };
    this.state.now = Math.max(before.now, now);
  }

  /** Carries out the deadlines that have passed, in their order. */
  settle(): void {
    const { state } = this;
    for (;;) {
      const due = deadlines(state)[0];
      if (!due || due.at > state.now) return;
      switch (due.what) {
        case "warn":
          state.warned = true;
          this.note({ type: "warned" });
          this.effects.push({ type: "gateway", message: { type: "warn", callId: state.callId } });
          if (state.person) this.effects.push({ type: "call-warning", leg: state.person });
          break;
        case "plan-time-out":
          this.refuse("failed");
          break;
        case "ring-time-out":
          this.end(this.ringsNobody() ? "nobody-available" : "no-answer");
          break;
        case "time-limit":
        case "person-lost":
        case "media-node-lost":
          this.end(due.what);
          break;
      }
    }
  }

  take(event: SessionEvent): void {
    const { state } = this;
    switch (event.type) {
      case "pressed":
      case "placed":
        return; // doubled: the call exists
      case "time":
        return;
      case "planned":
        this.planned(event);
        break;
      case "plan-failed":
        if (state.phase === "planning") this.refuse(event.why);
        break;
      case "rang":
        this.rang(event);
        break;
      case "answer":
        this.answer(event);
        break;
      case "decline":
        this.decline(event);
        break;
      case "hang-up":
        if (!this.isPerson(event)) return;
        this.end("hung-up-by-person", this.person()?.name);
        break;
      case "client-closed":
        if (state.phase === "ended") return;
        for (const leg of this.legsOf(event)) leg.goneAt ??= state.now;
        return;
      case "client-returned":
        this.returned(event);
        break;
      case "client-silent":
        if (this.isPerson(event)) this.end("person-lost");
        break;
      case "media":
        if (!this.isPerson(event) || state.phase === "ended") return;
        if (event.flowing) delete state.mediaLostAt;
        else state.mediaLostAt ??= state.now;
        this.settle();
        break;
      case "room-ready":
        this.roomReady();
        break;
      case "snapshot-taken":
        if (state.snapshotAt !== undefined) return;
        state.snapshotAt = state.now;
        this.effects.push({ type: "snapshot" }, { type: "save-snapshot" });
        if (this.ringsNobody()) this.end("nobody-available");
        return;
      case "station-ringing":
        return;
      case "station-answered":
        if (state.phase === "placing") this.talk();
        break;
      case "station-refused":
        if (state.phase !== "placing" && state.phase !== "planning") return;
        this.end("declined", undefined, "station");
        break;
      case "answered":
        if (state.phase === "talking") state.confirmed = true;
        return;
      case "caller-left":
        if (state.direction === "from-station") this.end("caller-left", undefined, "station");
        break;
      case "call-ended":
        this.end(event.reason, undefined, "station");
        break;
      case "door-command":
        this.doorCommand(event);
        break;
      case "link-lost":
        if (state.phase === "ended") return;
        state.linkLostAt ??= state.now;
        return;
      case "link-back":
        delete state.linkLostAt;
        delete state.missingAt;
        return;
      case "missing":
        if (state.phase === "ringing" || state.phase === "talking") state.missingAt ??= state.now;
        return;
      case "media-node-lost":
        this.end("media-node-lost", undefined, "station");
        break;
    }
  }

  private planned({ door, legs, talkTime }: Extract<SessionEvent, { type: "planned" }>): void {
    const { state } = this;
    if (state.phase !== "planning") return;
    state.door = door;
    if (talkTime !== undefined && talkTime < talkLimit) state.talkTime = talkTime;
    if (state.direction === "to-station") {
      if (state.ending) {
        this.finish("nobody");
        return;
      }
      const caller = this.person();
      if (!caller) return;
      state.phase = "placing";
      state.ringUntil = state.now + ringTime;
      const { callId, stationLegId: legId, deviceId, ringUntil } = state;
      const { organisationId } = door;
      const about = {
        callId,
        legId,
        deviceId,
        caller: caller.legId,
        callerName: caller.name,
        organisationId,
        ringUntil,
        talkTime: this.talkTime(),
      };
      this.effects.push({ type: "gateway", message: { type: "invite", ...about } });
      this.effects.push({ type: "calling", leg: caller.legId });
      return;
    }
    if (door.button) state.events[0] = { at: state.startedAt, what: { type: "pressed", button: door.button } };
    if (state.ending) {
      state.legs = legs.map((leg) => ({
        ...leg,
        fate: leg.fate === "told" ? "offline" : leg.fate,
        clientId: undefined,
      }));
      this.finish("nobody");
      return;
    }
    state.legs = legs.map((leg) => (leg.fate === "told" ? { ...leg, toldAt: state.now } : { ...leg }));
    const told = state.legs.filter(isRinging).map((leg) => leg.legId);
    state.phase = "ringing";
    if (told.length > 0) this.effects.push({ type: "ring", legs: told });
    // Nobody to ring: the press is held for the caller's picture alone, so that the missed call has one.
    state.ringUntil = state.now + (told.length > 0 ? ringTime : pictureTime);
    this.effects.push({ type: "gateway-ringing" });
  }

  private rang(event: Extract<SessionEvent, { type: "rang" | "answer" | "decline" }>): void {
    const leg = this.legOf(event);
    if (this.state.phase !== "ringing" || leg?.fate !== "told") return;
    leg.fate = "rang";
    leg.rangAt = this.state.now;
    this.note({ type: "rang", legId: leg.legId, name: leg.name });
    this.effects.push({ type: "receivers" });
  }

  /** The first answer wins: here alone it is decided. */
  private answer(event: Extract<SessionEvent, { type: "rang" | "answer" | "decline" }>): void {
    const { state } = this;
    const leg = this.legOf(event);
    if (!leg || leg.legId === state.person) return;
    if (state.phase !== "ringing" || !isRinging(leg)) {
      this.effects.push({ type: "answer-refused", leg: leg.legId });
      return;
    }
    leg.fate = "answered";
    state.person = leg.legId;
    this.note({ type: "answered", legId: leg.legId, name: leg.name });
    this.silence("answered-elsewhere", leg.name);
    this.talk();
  }

  private talk(): void {
    const { state } = this;
    if (!state.person) return;
    state.phase = "talking";
    state.answeredAt = state.now;
    state.endsAt = state.now + this.talkTime();
    state.warnAt = state.endsAt - warningTime;
    if (state.direction === "from-station") {
      const { callId, person: winner, endsAt: talkUntil, warnAt } = state;
      this.effects.push({ type: "gateway", message: { type: "answer", callId, winner, talkUntil, warnAt } });
    } else {
      state.confirmed = true;
    }
    this.effects.push({ type: "talking", leg: state.person });
  }

  private talkTime(): number {
    return this.state.talkTime ?? talkLimit;
  }

  private decline(event: Extract<SessionEvent, { type: "rang" | "answer" | "decline" }>): void {
    const leg = this.legOf(event);
    if (this.state.phase !== "ringing" || !leg || !isRinging(leg)) return;
    leg.fate = "declined";
    leg.endedAt = this.state.now;
    this.note({ type: "declined", legId: leg.legId, name: leg.name });
    this.effects.push({ type: "ring-end", legs: [leg.legId], reason: "declined" });
    if (this.state.legs.some(isRinging)) this.effects.push({ type: "receivers" });
    else this.end("declined", leg.name);
  }

  /** A client that reconnected hears again where its call stands. */
  private returned(event: { clientId: string; userId: string }): void {
    const { state } = this;
    for (const leg of this.legsOf(event)) {
      delete leg.goneAt;
      if (state.phase === "ringing" && isRinging(leg)) this.effects.push({ type: "ring", legs: [leg.legId] });
      if (leg.legId === state.person) {
        if (state.phase === "talking") this.effects.push({ type: "talking", leg: leg.legId });
        if (state.phase === "placing") this.effects.push({ type: "calling", leg: leg.legId });
        if (!state.ending) continue;
        const { reason } = state.ending;
        // It may have missed that it won as well: then it still rings there.
        if (state.direction === "from-station") this.effects.push({ type: "ring-end", legs: [leg.legId], reason });
        this.effects.push({ type: "call-end", leg: leg.legId, reason });
      } else if (leg.endedAt !== undefined && leg.fate !== "declined") {
        // Its ringing ended while it was away: it must not ring on in a browser that missed that.
        const by = state.answeredAt === undefined ? undefined : this.person()?.name;
        const reason = by ? "answered-elsewhere" : (state.ending?.reason ?? "failed");
        this.effects.push({ type: "ring-end", legs: [leg.legId], reason, ...(by ? { by } : {}) });
      }
    }
  }

  private roomReady(): void {
    const { state } = this;
    if (state.ready || state.phase === "ended") return;
    state.ready = true;
    const legs = state.legs.filter((leg) => isRinging(leg) || leg.legId === state.person).map((leg) => leg.legId);
    if (legs.length > 0 && state.phase !== "planning") this.effects.push({ type: "media-ready", legs });
  }

  /** Commands are decided elsewhere; here they become part of the call's story, also when the reply comes after its end. */
  private doorCommand({ type: _, ...what }: Extract<SessionEvent, { type: "door-command" }>): void {
    const known = this.state.events.some(
      ({ what: e }) => e.type === "door" && e.commandId === what.commandId && e.state === what.state,
    );
    if (known) return;
    this.note({ type: "door", ...what });
    if (this.state.phase === "ended" && this.state.door) this.effects.push({ type: "record" });
  }

  /** The call can't be planned: nothing rang, and without a door there is nothing to record. */
  private refuse(why: "unknown" | "failed"): void {
    const { state } = this;
    state.phase = "ended";
    state.ending ??= { reason: "failed", at: state.now };
    const { callId, requestId, person } = state;
    if (state.direction === "from-station") {
      const sipStatus = why === "unknown" ? 404 : 503;
      this.effects.push({ type: "gateway", message: { type: "refuse", callId, sipStatus, reason: "failed" } });
    } else if (person && requestId) {
      this.effects.push({ type: "call-refused", leg: person, requestId, reason: "unknown" }, { type: "door-free" });
    }
  }

  /** @param from who brought the news: the gateway needs no telling of what it said itself */
  private end(reason: EndReason, by?: string, from?: "station"): void {
    const { state } = this;
    if (state.ending) return;
    state.ending = { reason, at: state.now, ...(by ? { by } : {}) };
    if (state.phase === "planning" && !state.door) return; // ends when the door is known: the history wants its name
    this.finish(from === "station" ? "nobody" : "gateway");
  }

  /** Every end goes through here, once. */
  private finish(tell: "gateway" | "nobody"): void {
    const { state } = this;
    if (!state.ending) return;
    const { reason, by } = state.ending;
    const { callId } = state;
    const wasPlanning = state.phase === "planning";
    state.phase = "ended";
    this.silence(reason);
    const person = this.person();
    if (person) {
      person.endedAt = state.now;
      this.effects.push({ type: "call-end", leg: person.legId, reason });
    }
    this.note({ type: "ended", reason, ...(by ? { by } : {}) });
    if (tell === "gateway") {
      this.effects.push({
        type: "gateway",
        message: wasPlanning ? { type: "refuse", callId, sipStatus: 480, reason } : { type: "end", callId, reason },
      });
    }
    this.effects.push({ type: "door-free" }, { type: "record" });
  }

  /** A press that found nobody to ring. */
  private ringsNobody(): boolean {
    return (
      this.state.phase === "ringing" &&
      this.state.legs.every(({ fate }) => fate === "offline" || fate === "not-allowed")
    );
  }

  /** Stops whatever still rings. */
  private silence(reason: EndReason, by?: string): void {
    const ringing = this.state.legs.filter(isRinging);
    if (ringing.length === 0) return;
    for (const leg of ringing) leg.endedAt = this.state.now;
    this.effects.push({ type: "ring-end", legs: ringing.map((leg) => leg.legId), reason, ...(by ? { by } : {}) });
  }

  private note(what: CallEvent["what"]): void {
    this.state.events.push({ at: this.state.now, what });
  }

  private person(): Leg | undefined {
    return this.state.legs.find((leg) => leg.legId === this.state.person);
  }

  private legsOf(sender: { clientId: string; userId: string }): Leg[] {
    return this.state.legs.filter((leg) => leg.clientId === sender.clientId && leg.userId === sender.userId);
  }

  private legOf(sender: { legId: string; clientId: string; userId: string }): Leg | undefined {
    return this.legsOf(sender).find((leg) => leg.legId === sender.legId);
  }

  private isPerson(sender: { clientId: string; userId: string }): boolean {
    return this.legsOf(sender).some((leg) => leg.legId === this.state.person);
  }
}
