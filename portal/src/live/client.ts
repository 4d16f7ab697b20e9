/**
 * A browser's live client: the election among its tabs, the leading tab's socket, and the state both show. Everything a
 * person does goes through here, and from here to the edge or to the tab that leads.
 */
import type { FromClient, ToClient } from "#core/messages/client.ts";
import { type CallId, type CommandId, clientId, commandId, type DeviceId } from "#core/messages/values.ts";
import { type Availability, type AvailabilityStore, createAvailability, isAvailable } from "./availability.ts";
import { nextDeadline } from "./deadlines.ts";
import { workerBeat } from "./heartbeat.ts";
import { joinElection, shouldTakeOver } from "./leader.ts";
import { type LiveEvent, reduce } from "./reducer.ts";
import { type LiveSocket, openSocket } from "./socket.ts";
import { emptyState, type LiveState, withoutMedia } from "./state.ts";
import { channelName, type Forwarded, lockName, tabMessage } from "./tabs.ts";
import { randomUuid } from "./uuid.ts";

export interface Live {
  get(): LiveState;
  subscribe(call: () => void): () => void;
  leads(): boolean;
  availability: AvailabilityStore;
  /** The sheet is on screen or the sound has started: only now may the history say "rang". */
  acknowledge(callId: CallId): void;
  answer(callId: CallId, camera: boolean): void;
  decline(callId: CallId): void;
  silence(callId: CallId): void;
  makeSmall(callId: CallId, small: boolean): void;
  toFront(callId: CallId): void;
  dismissRing(callId: CallId): void;
  call(door: { deviceId: DeviceId; name: string; site?: string }, camera: boolean): void;
  /** From a click: lets the microphone of this tab into a call that it took over. */
  takeUp(): void;
  hangUp(): void;
  dismissCall(): void;
  openDoor(deviceId: DeviceId, output?: number): void;
  /** Whether the station's sound arrives, in the call that this tab talks in. */
  sayMedia(callId: CallId, flowing: boolean): void;
  /** Make this tab the one that leads, and with it bring a running call here. */
  bringHere(): void;
  close(): void;
}

const clientKey = "symphony.client";

/** The same for every tab of this browser, and the next time too. */
function ownClientId() {
  const kept = clientId.safeParse(localStorage.getItem(clientKey));
  if (kept.success) return kept.data;
  const fresh = clientId.parse(randomUuid());
  localStorage.setItem(clientKey, fresh);
  return fresh;
}

/** @param url of the edge's live socket, ws(s)://…/api/live */
export function createLive(url: string): Live {
  let state = emptyState(Date.now());
  let socket: LiveSocket | undefined;
  let alarm: ReturnType<typeof setTimeout> | undefined;
  /** What a press on "Answer" or "Call" in a tab that did not lead waits for. */
  let waiting: ((event: LiveEvent) => boolean) | undefined;
  /** The lead that comes next was asked for by a person in this tab. */
  let asked = false;
  const listeners = new Set<() => void>();
  const availability = createAvailability();
  const channel = new BroadcastChannel(channelName);
  const election = joinElection(lockName, lead, follow);

  function dispatch(event: LiveEvent) {
    const next = reduce(state, event, Date.now());
    if (waiting?.(event)) waiting = undefined;
    if (next === state) return;
    show(next);
    if (election.leads()) tellTabs();
  }
  function show(next: LiveState) {
    state = next;
    clearTimeout(alarm);
    const deadline = nextDeadline(state);
    if (deadline !== undefined && election.leads()) {
      alarm = setTimeout(() => dispatch({ type: "time" }), Math.max(0, deadline - Date.now()));
    }
    for (const call of listeners) call();
  }
  const facts = () => ({ sound: availability.get().sound === "on", visible: document.visibilityState === "visible" });
  function tellTabs() {
    channel.postMessage({ type: "state", state: withoutMedia(state), ...facts() });
  }
  const send = (message: FromClient) => socket?.send(message) ?? false;

  /** That it rings here may have been lost with a connection: an edge that says the ring anew and does not know is told again. */
  function acknowledgeAgain({ callId, legId, receivers }: Extract<ToClient, { type: "ring" }>) {
    const rings = state.rings.some((one) => one.callId === callId && one.acknowledged && one.phase === "ringing");
    const isKnown = !receivers.some((one) => one.legId === legId && one.fate === "told");
    if (rings && !isKnown) send({ type: "rang", callId, legId });
  }

  function lead() {
    const own = ownClientId();
    socket = openSocket({
      url,
      clientId: own,
      available: () => isAvailable(availability.get()),
      onMessage(message: ToClient) {
        dispatch({ type: "message", message });
        if (message.type === "ring") acknowledgeAgain(message);
      },
      onConnection: (connection) => dispatch({ type: "connection", connection }),
      onLatency: (latency) => dispatch({ type: "latency", latency }),
      urgent: () => [state.call, ...state.rings].some((one) => one && one.phase !== "ended"),
      beat: workerBeat,
    });
    show(reduce(state, { type: "led", asked }, Date.now()));
    asked = false;
    tellTabs();
  }
  /** From a click: this tab leads, and what is talked is talked here. */
  function takeOver() {
    asked = true;
    election.takeOver();
  }
  function follow() {
    socket?.close();
    socket = undefined;
    clearTimeout(alarm);
    show(withoutMedia(state));
  }

  channel.onmessage = (event) => {
    const parsed = tabMessage.safeParse(event.data);
    if (!parsed.success) return;
    const message = parsed.data;
    if (election.leads()) {
      if (message.type === "who-leads") tellTabs();
      if (message.type === "do") carryOut(message.action);
      return;
    }
    if (message.type !== "state") return;
    show(message.state);
    const busy = message.state.rings.length > 0 || message.state.call !== undefined;
    if (shouldTakeOver(facts(), { sound: message.sound, visible: message.visible, busy })) election.takeOver();
  };
  channel.postMessage({ type: "who-leads" });

  let told: Availability = availability.get();
  const stopAvailability = availability.subscribe(() => {
    const now = availability.get();
    if (isAvailable(now) !== isAvailable(told)) send({ type: "availability", available: isAvailable(now) });
    told = now;
    if (election.leads()) tellTabs();
    else channel.postMessage({ type: "who-leads" });
    for (const call of listeners) call();
  });
  const onVisibility = () => {
    if (election.leads()) tellTabs();
    else if (document.visibilityState === "visible") channel.postMessage({ type: "who-leads" });
  };
  document.addEventListener("visibilitychange", onVisibility);

  function carryOut(action: Forwarded) {
    switch (action.type) {
      case "decline": {
        const one = state.rings.find((ring) => ring.callId === action.callId);
        if (one) send({ type: "decline", callId: one.callId, legId: one.legId });
        return dispatch({ type: "declined", callId: action.callId });
      }
      case "silence":
        return dispatch({ type: "silenced", callId: action.callId });
      case "small":
        return dispatch({ type: "small", callId: action.callId, small: action.small });
      case "to-front":
        return dispatch({ type: "to-front", callId: action.callId });
      case "hang-up":
        if (state.call?.callId) send({ type: "hang-up", callId: state.call.callId });
        return dispatch({ type: "hung-up" });
      case "open-door": {
        const { type: _type, ...asked } = action;
        dispatch({ type: "door-asked", ...asked });
        if (send({ type: "open-door", ...asked })) return;
        // Never kept for later: a door must not open when the connection happens to come back.
        const command = state.commands[asked.deviceId];
        if (!command) return;
        show({
          ...state,
          commands: { ...state.commands, [asked.deviceId]: { ...command, state: "failed", reason: "offline" } },
        });
        return tellTabs();
      }
    }
  }
  function act(action: Forwarded) {
    if (election.leads()) carryOut(action);
    else channel.postMessage({ type: "do", action });
  }

  function answerHere(callId: CallId, camera: boolean) {
    const one = state.rings.find((ring) => ring.callId === callId);
    if (one?.phase !== "ringing") return;
    if (send({ type: "answer", callId, legId: one.legId, camera })) dispatch({ type: "answering", callId, camera });
  }
  function callHere(door: { deviceId: DeviceId; name: string; site?: string }, camera: boolean) {
    if (state.call && state.call.phase !== "ended") return;
    const requestId = randomUuid();
    if (!send({ type: "call", requestId, deviceId: door.deviceId, camera })) return;
    if (state.call) dispatch({ type: "call-dismissed" });
    dispatch({ type: "call-asked", requestId, deviceId: door.deviceId, door: door.name, site: door.site, camera });
  }

  return {
    get: () => state,
    subscribe(call) {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    leads: () => election.leads(),
    availability,
    acknowledge(callId) {
      const one = state.rings.find((ring) => ring.callId === callId);
      if (!election.leads() || !one || one.acknowledged) return;
      if (send({ type: "rang", callId, legId: one.legId })) dispatch({ type: "acknowledged", callId });
    },
    answer(callId, camera) {
      if (election.leads()) return answerHere(callId, camera);
      waiting = (event) => {
        if (event.type !== "message" || event.message.type !== "ring" || event.message.callId !== callId) return false;
        queueMicrotask(() => answerHere(callId, camera));
        return true;
      };
      takeOver();
    },
    decline: (callId) => act({ type: "decline", callId }),
    silence: (callId) => act({ type: "silence", callId }),
    makeSmall: (callId, small) => act({ type: "small", callId, small }),
    toFront: (callId) => act({ type: "to-front", callId }),
    dismissRing: (callId) => dispatch({ type: "ring-dismissed", callId }),
    call(door, camera) {
      if (election.leads()) return callHere(door, camera);
      waiting = (event) => {
        if (event.type !== "message" || event.message.type !== "welcome") return false;
        queueMicrotask(() => callHere(door, camera));
        return true;
      };
      takeOver();
    },
    takeUp: () => dispatch({ type: "taken-up" }),
    hangUp: () => act({ type: "hang-up" }),
    dismissCall: () => dispatch({ type: "call-dismissed" }),
    openDoor(deviceId, output) {
      const inCall = [state.call, ...state.rings].find(
        (one) => one?.deviceId === deviceId && one.phase !== "ended" && one.callId,
      );
      const fresh: CommandId = commandId.parse(randomUuid());
      act({ type: "open-door", deviceId, output, commandId: fresh, callId: inCall?.callId });
    },
    sayMedia: (callId, flowing) => void send({ type: "media", callId, flowing }),
    bringHere: takeOver,
    close() {
      clearTimeout(alarm);
      socket?.close();
      election.close();
      channel.close();
      stopAvailability();
      availability.close();
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
