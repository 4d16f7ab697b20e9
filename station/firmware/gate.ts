/** A call in progress or a press comes first: while the gate is closed, an update neither asks nor takes, and goes on where it was. */

export interface Gate {
  readonly closed: boolean;
  close(): void;
  open(): void;
  /** Resolves when it is open. */
  passed(): Promise<void>;
}

export function openGate(): Gate {
  let waiting: PromiseWithResolvers<void> | undefined;
  return {
    get closed() {
      return waiting !== undefined;
    },
    close() {
      waiting ??= Promise.withResolvers<void>();
    },
    open() {
      waiting?.resolve();
      waiting = undefined;
    },
    async passed() {
      while (waiting) await waiting.promise;
    },
  };
}
