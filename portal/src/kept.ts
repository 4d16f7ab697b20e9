/** Choices that this browser keeps for the person, the same in all its tabs. */
import { useSyncExternalStore } from "react";

export interface Kept<T extends string> {
  get(): T;
  set(value: T): void;
  subscribe(call: () => void): () => void;
}

/** @param usual until something else is chosen, and where what is kept is none of `values` */
export function keep<T extends string>(name: string, values: readonly T[], usual: T): Kept<T> {
  const key = `symphony.${name}`;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const call of listeners) call();
  };
  const onStorage = (event: StorageEvent) => {
    if (event.key === key) tell();
  };
  return {
    get() {
      const kept = localStorage.getItem(key);
      return values.find((value) => value === kept) ?? usual;
    },
    set(value) {
      localStorage.setItem(key, value);
      tell();
    },
    subscribe(call) {
      if (listeners.size === 0) window.addEventListener("storage", onStorage);
      listeners.add(call);
      return () => {
        listeners.delete(call);
        if (listeners.size === 0) window.removeEventListener("storage", onStorage);
      };
    },
  };
}

export const useKept = <T extends string>(kept: Kept<T>): T => useSyncExternalStore(kept.subscribe, kept.get);
