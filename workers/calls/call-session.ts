/**
 * One call. A thin shell round the state table in core/call: it stores the state, carries the effects out from a stored
 * outbox and keeps the alarm at the earliest deadline. Every turn reads the state, steps and writes, without an await in
 * between; after an await it reads again.
 */
import { DurableObject } from "cloudflare:workers";
import { may } from "#core/access/permissions.ts";
import { nextDeadline } from "#core/call/deadlines.ts";
import { type ConnectedClient, planCall } from "#core/call/plan.ts";
import { step } from "#core/call/session.ts";
import { effectName, finishedSpans, stepSpan } from "#core/call/spans.ts";
import type { CallState, Effect, SessionEvent } from "#core/call/state.ts";
import { talkTime } from "#core/call/talk-time.ts";
import { toRecord } from "#core/call/to-record.ts";
import { type DeviceId, legId, type OrganisationId, type UserId } from "#core/messages/values.ts";
import { parseTraceparent } from "#core/trace/context.ts";
import type { Tracer } from "#core/trace/tracer.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { count, hold } from "../metrics.ts";
import { newSpanId, openTracer } from "../tracer.ts";
import { Alarm } from "./alarm.ts";
import { asDoor, type CallContext, type CallDirectory, databaseDirectory } from "./directory.ts";
import { clientMessages, doorCall, gatewayMessage } from "./effects.ts";
import { Outbox } from "./outbox.ts";

/** An ended call is forgotten after this: late replies of doors have come by then, and its id is never used again. */
const keepEnded = 60 * 60_000;
/** Nothing but its alarm wakes a call that stopped while its effects were leaving. */
const guard = 1_000;
/** How long after its end a call still takes its picture: the press may be over before the decoder is done. */
const snapshotGrace = 10_000;

export class CallSession extends DurableObject<Env> {
  #directory: CallDirectory | undefined;
  readonly #outbox: Outbox<Effect>;
  readonly #alarm: Alarm;
  readonly #tracer: Tracer | undefined;
  /** What the plan needs, asked for ahead. Gone with the object, and then asked for again. */
  #asked:
    | {
        context: Promise<CallContext | undefined>;
        organisation?: OrganisationId | undefined;
        presence?: Promise<ConnectedClient[]> | undefined;
      }
    | undefined;
  /** True from the first word until what follows from it has left: only then is the alarm set. */
  #beginning = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#alarm = new Alarm(ctx);
    this.#tracer = openTracer(ctx, env);
    this.#outbox = new Outbox<Effect>(ctx, (effect, id) => this.#traced(effect, id));
  }

  /** A call will have this id soon. What takes long about a new object is done before anyone waits for it. */
  async prepare(): Promise<void> {
    this.#outbox.make();
    await this.#alarm.by(Date.now() + keepEnded);
  }

  /**
   * A visitor pressed, or a person calls. Doubled, it changes nothing. Whoever says so keeps it until this returns, and that
   * is when all that follows has left or has been tried: so the alarm, whose setting everything said would have to wait
   * for, comes last. @param hint whose door this probably is: lets presence be asked while the database is
   */
  async begin(event: Extract<SessionEvent, { type: "pressed" | "placed" }>, hint?: OrganisationId): Promise<void> {
    if (!this.#read()) this.#ask(event.deviceId, event.type === "pressed" ? hint : undefined);
    this.#beginning = true;
    try {
      await this.#turn(event);
      await Promise.race([this.#outbox.idle(), new Promise((resolve) => setTimeout(resolve, guard))]);
    } finally {
      this.#beginning = false;
      this.#asked = undefined;
      await this.#setAlarm();
    }
  }

  /** Asks before anything is written: what an object says after a write waits for the disk. */
  #ask(deviceId: DeviceId, organisation: OrganisationId | undefined): void {
    const context = this.directory().callContext(deviceId);
    const presence = organisation && this.#presence(organisation);
    for (const answer of [context, presence]) answer?.catch(() => {}); // looked at by the plan, or not needed
    this.#asked = { context, organisation, presence };
  }

  /** Anything that happens to the call later. Without a call it is late or stray, and ignored. */
  async happened(event: SessionEvent): Promise<void> {
    await this.#turn(event);
    // The second witness speaks: ask for the first, who may have been missed if the edge itself was away.
    if (event.type !== "media" || event.flowing) return;
    const state = this.#read();
    if (!state || state.phase === "ended") return;
    const up = await this.env.MEDIA_NODE_LINK.getByName(state.nodeId).isUp();
    if (!up) await this.#turn({ type: "link-lost" });
  }

  /** Whoever may not take part any more is out at once. Throws when the database does not answer, to be asked again. */
  async accessChanged(userId: UserId): Promise<void> {
    const state = this.#read();
    if (!state || state.phase === "ended") return;
    const context = await this.directory().callContext(state.deviceId);
    const member = context?.members.find((one) => one.userId === userId);
    const action = state.direction === "from-station" ? "answer-call" : "place-call";
    if (!member || !may(member.role, action)) await this.#turn({ type: "access-ended", userId });
  }

  mayTakeSnapshot(): boolean {
    const state = this.#read();
    if (!state || state.snapshotAt !== undefined) return false;
    return state.phase !== "ended" || Date.now() < (state.ending?.at ?? 0) + snapshotGrace;
  }

  /** @param since when its storing began, milliseconds; `cause`: the traceparent of who brought it */
  async snapshotStored(since: number, cause?: string): Promise<void> {
    const state = this.#read();
    const context = parseTraceparent(cause);
    if (state)
      this.#tracer?.span(stepSpan(state.callId, "store snapshot", since, Date.now(), newSpanId(), context?.spanId));
    await this.#turn({ type: "snapshot-taken" });
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    const state = this.#read();
    // An id that no call took for so long, or a call that ended so long ago.
    const over = !state || (state.phase === "ended" && Date.now() >= state.now + keepEnded);
    if (over && this.#outbox.isEmpty) {
      await this.ctx.storage.deleteAll();
      this.#outbox.gone();
      return;
    }
    await this.#turn({ type: "time" });
  }

  /** Where door, history and members come from. Tests put a double here. */
  protected directory(): CallDirectory {
    this.#directory ??= databaseDirectory(this.env);
    return this.#directory;
  }

  /** One turn: read, step, write, set the alarm, and start what follows. Only the alarm is awaited, after the writes. */
  async #turn(event: SessionEvent): Promise<void> {
    const before = this.#read();
    const { state, effects } = step(before, event, Date.now());
    if (!state) return;
    this.ctx.storage.transactionSync(() => {
      this.ctx.storage.kv.put("state", state);
      for (const effect of effects) this.#outbox.add(laneOf(effect), effect);
    });
    if (state.phase !== before?.phase) {
      log("call", { callId: state.callId, phase: state.phase, reason: state.ending?.reason });
      if (!before) count("calls_total", { direction: state.direction });
      hold("live_calls", state.callId, state.phase === "ended" ? 0 : 1);
      if (state.phase === "ended") {
        count("calls_ended_total", { reason: state.ending?.reason ?? "failed" });
        for (const { fate } of state.legs) count("legs_total", { fate });
      }
    }
    for (const span of this.#tracer ? finishedSpans(before, state, newSpanId) : []) this.#tracer?.span(span);
    if (effects.length > 0 || event.type === "time") {
      this.ctx.waitUntil(this.#outbox.pump().then(() => this.#setAlarm()));
    }
    await this.#setAlarm();
  }

  async #setAlarm(): Promise<void> {
    const state = this.#read();
    if (!state || this.#beginning) return;
    const forget = state.phase === "ended" ? state.now + keepEnded : undefined;
    await this.#alarm.by(nextDeadline(state), this.#outbox.wakeAt(guard), forget);
  }

  #read(): CallState | undefined {
    return this.ctx.storage.kv.get<CallState>("state");
  }

  /** Carries an effect out, and keeps a span of it where traces are kept. */
  async #traced(effect: Effect, id: number): Promise<void> {
    const startedAt = Date.now();
    const error = await this.#carryOut(effect, id).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const state = this.#read();
    if (this.#tracer && state)
      this.#tracer.span(stepSpan(state.callId, effectName(effect), startedAt, Date.now(), newSpanId()));
    if (error) throw error.error;
  }

  async #carryOut(effect: Effect, id: number): Promise<void> {
    const state = this.#read();
    if (!state) return;
    switch (effect.type) {
      case "plan":
        return this.#plan(state);
      case "record":
        return this.#record(state);
      case "save-snapshot":
        return this.#saveSnapshot(state);
      case "gateway":
      case "gateway-ringing": {
        const message = await gatewayMessage(this.env, state, effect);
        if (message) await this.env.MEDIA_NODE_LINK.getByName(state.nodeId).send(state.callId, id, message);
        return;
      }
      default: {
        const organisation = state.door?.organisationId ?? state.askedBy;
        if (!organisation) return;
        const messages = await clientMessages(this.env, state, effect);
        const door = tellsOfDoor.has(effect.type) ? doorCall(state) : undefined;
        if (messages.length === 0 && !door) return;
        await this.env.SWITCHBOARD.getByName(organisation).deliver(state.callId, id, { messages, door });
      }
    }
  }

  /** One query, beside it the question who is there; then the table decides. */
  async #plan({ phase, deviceId, button, direction }: CallState): Promise<void> {
    if (phase !== "planning") return;
    const asked = this.#asked;
    this.#asked = undefined; // a second try asks anew
    const context = await (asked?.context ?? this.directory().callContext(deviceId));
    if (!context) return this.#turn({ type: "plan-failed", why: "unknown" });
    const { organisationId } = context;
    const limit = { talkTime: talkTime(this.env.CALL_LIMIT_S) };
    // A person's call was asked for by a member of this organisation's switchboard; the device must be the same house's.
    if (direction === "to-station") {
      if (this.#read()?.askedBy !== organisationId) return this.#turn({ type: "plan-failed", why: "unknown" });
      return this.#turn({ type: "planned", door: asDoor(context, ""), legs: [], ...limit });
    }
    const clients = await (asked?.presence && asked.organisation === organisationId
      ? asked.presence
      : this.#presence(organisationId));
    const legs = planCall(context.members, clients, {
      mayAnswer: (role) => may(role, "answer-call"),
      newLegId: () => legId.parse(crypto.randomUUID()),
    });
    return this.#turn({ type: "planned", door: asDoor(context, button), legs, ...limit });
  }

  #presence(organisation: OrganisationId) {
    return this.env.SWITCHBOARD.getByName(organisation).presence();
  }

  async #record(state: CallState): Promise<void> {
    const record = toRecord(state);
    if (!record) return;
    const kept = await this.directory().saveCall(record);
    if (!kept) return log("call not kept: its door was removed", { callId: record.callId });
    await this.env.SWITCHBOARD.getByName(record.organisationId).recorded(record.callId, record.deviceId);
  }

  async #saveSnapshot({ callId, deviceId, door, snapshotAt, phase }: CallState): Promise<void> {
    if (!door || snapshotAt === undefined) return;
    const kept = await this.directory().saveSnapshot(callId, door.organisationId, snapshotAt);
    if (kept && phase === "ended") await this.env.SWITCHBOARD.getByName(door.organisationId).recorded(callId, deviceId);
  }
}

/** With these goes what the door's state is now. */
const tellsOfDoor: ReadonlySet<Effect["type"]> = new Set(["ring", "talking", "calling", "door-free"]);

/** Effects of one lane keep their order; lanes do not wait for each other. */
function laneOf(effect: Effect): string {
  switch (effect.type) {
    case "plan":
      return "plan";
    case "record":
    case "save-snapshot":
      return "record";
    case "gateway":
    case "gateway-ringing":
      return "gateway";
    default:
      return "clients";
  }
}
