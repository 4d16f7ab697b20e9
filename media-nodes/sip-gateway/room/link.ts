/**
 * The signalling with LiveKit over its whole life: the join, and taking it up again when the socket drops. Media does not
 * depend on it: LiveKit keeps the participant for a while.
 */
import { type JoinResponse, LeaveRequest_Action } from "@livekit/protocol";
import { openSignalling, type Signalling, type SignalMessage } from "./signalling.ts";

export type Link = {
  readonly join: JoinResponse;
  send: Signalling["send"];
  /** Hands on what has come since the join, and all that follows. */
  start(events: LinkEvents): void;
  close(): void;
};

export type LinkEvents = {
  onMessage(message: SignalMessage): void;
  /** A new socket took up the session: what LiveKit must know is to be said again. */
  onResumed(): void;
  /** Whether LiveKit's media still arrives: without them a lost socket means that all of it is gone. */
  isAlive(): boolean;
  /** LiveKit ended the session, or it could not be taken up in time. Once; not after `close`. */
  onLost(reason: string): void;
};

/** LiveKit forgets a participant whose socket is gone after about 20 s; there is no use in trying longer. Milliseconds. */
const resumeFor = 15_000;
const resumePause = 500;

/** LiveKit knows the session no more: trying again is of no use. */
class Gone extends Error {}

/** Joins. Rejects when LiveKit refuses, or with the time. */
export async function openLink(options: { url: string; token: string; timeout: number }): Promise<Link> {
  let token = options.token;
  let sid: string | undefined;
  let socket: Signalling | undefined;
  let timing = { interval: 5, timeout: 15 };
  let events: LinkEvents | undefined;
  const early: SignalMessage[] = [];
  let over = false;

  function connect(): Promise<JoinResponse | undefined> {
    return new Promise((resolve, reject) => {
      let greeted = false;
      const timer = setTimeout(() => {
        fresh.close();
        reject(new Error(`LiveKit did not answer within ${options.timeout} ms`));
      }, options.timeout);
      const fail = (error: Error) => {
        clearTimeout(timer);
        fresh.close();
        reject(error);
      };
      const fresh = openSignalling(
        { ...options, token, resume: sid },
        {
          onMessage(message) {
            if (greeted) receive(message);
            else if (message.case === "join" || message.case === "reconnect") {
              greeted = true;
              clearTimeout(timer);
              socket = fresh;
              resolve(message.case === "join" ? message.value : undefined);
            } else if (message.case === "leave") fail(new Gone(`LiveKit refused (${message.value.reason})`));
          },
          onClose(reason, status) {
            // 404: there is no such room. One that was there before went with the LiveKit that held it.
            if (!greeted) fail(new (status === 404 ? Gone : Error)(`LiveKit's signalling: ${reason}`));
            else if (socket === fresh) void resume(reason);
          },
        },
      );
    });
  }

  function receive(message: SignalMessage): void {
    if (over) return;
    if (message.case === "refreshToken") token = message.value;
    else if (message.case === "leave") {
      if (message.value.action === LeaveRequest_Action.RESUME) void resume("asked to");
      else lose(`LiveKit ended the session (${message.value.reason})`);
    } else if (events) events.onMessage(message);
    else early.push(message);
  }

  async function resume(why: string): Promise<void> {
    if (over || !socket) return;
    socket.close();
    socket = undefined;
    const deadline = performance.now() + resumeFor;
    for (;;) {
      try {
        await connect();
        break;
      } catch (error) {
        const isHopeless = error instanceof Gone || performance.now() > deadline || events?.isAlive() === false;
        if (isHopeless) return lose(`not taken up again after: ${why}`);
        await new Promise((resolve) => setTimeout(resolve, resumePause));
      }
      if (over) return;
    }
    greet();
    if (!over) events?.onResumed();
  }

  /** A socket that came too late for a session that is over is closed at once. */
  function greet(): void {
    if (over) socket?.close();
    else socket?.keepAlive(timing.interval, timing.timeout);
  }

  function lose(reason: string): void {
    if (over) return;
    over = true;
    socket?.close();
    events?.onLost(reason);
  }

  const join = await connect();
  if (!join?.participant) {
    over = true;
    throw new Error("LiveKit: no join response");
  }
  sid = join.participant.sid;
  timing = { interval: join.pingInterval || 5, timeout: join.pingTimeout || 15 };
  greet();
  return {
    join,
    send: (message) => socket?.send(message),
    start(newEvents) {
      events = newEvents;
      if (over) newEvents.onLost("LiveKit ended the session");
      for (const message of early.splice(0)) newEvents.onMessage(message);
    },
    close() {
      over = true;
      socket?.close();
    },
  };
}
