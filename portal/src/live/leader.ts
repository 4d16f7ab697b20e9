/**
 * One tab of a browser leads: it alone has the socket, plays sound and joins rooms. A Web Lock says which, so that a
 * tab that closes, crashes or is frozen gives the lead away without a time-out of ours.
 */
export interface Election {
  leads(): boolean;
  /** Become the leader now, whoever is. */
  takeOver(): void;
  close(): void;
}

export function joinElection(name: string, onLead: () => void, onLose: () => void): Election {
  let leads = false;
  let closed = false;
  let letGo: (() => void) | undefined;
  let queued = new AbortController();

  function ask(options: LockOptions) {
    let held = false;
    navigator.locks
      .request(name, options, () => {
        if (closed) return undefined;
        held = true;
        leads = true;
        onLead();
        return new Promise<void>((resolve) => {
          letGo = resolve;
        });
      })
      .catch(() => {
        // Refused before it was held: we withdrew it. Afterwards: another tab took the lead.
        if (!held || closed) return;
        leads = false;
        onLose();
        queue();
      });
  }
  function queue() {
    queued = new AbortController();
    ask({ signal: queued.signal });
  }
  if (navigator.locks) {
    queue();
  } else {
    // No secure context, so no locks: every tab is on its own. The check page says how to mend it.
    leads = true;
    queueMicrotask(onLead);
  }

  return {
    leads: () => leads,
    takeOver() {
      if (leads || closed) return;
      queued.abort();
      ask({ steal: true });
    },
    close() {
      closed = true;
      leads = false;
      queued.abort();
      letGo?.();
    },
  };
}

/** What decides whether a tab should lead in another's place. */
export interface TabFacts {
  visible: boolean;
  /** A click in it has played a sound. */
  sound: boolean;
}

/**
 * A tab that can sound is worth more than a silent one; otherwise the tab in front is where a ring is seen. A ring or a
 * call never moves by itself: only a press on "Answer" or "Bring it here" moves it.
 */
export function shouldTakeOver(own: TabFacts, leader: TabFacts & { busy: boolean }): boolean {
  if (leader.busy) return false;
  if (own.sound !== leader.sound) return own.sound;
  return own.visible && !leader.visible;
}
