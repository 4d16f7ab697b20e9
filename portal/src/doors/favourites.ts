/** Which doors a person wants in front. Kept by this browser. */
import { useSyncExternalStore } from "react";

const key = "symphony.favourites";
const listeners = new Set<() => void>();
let kept: ReadonlySet<string> | undefined;

function read(): ReadonlySet<string> {
  if (kept) return kept;
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    kept = new Set(Array.isArray(parsed) ? parsed.filter((one) => typeof one === "string") : []);
  } catch {
    kept = new Set();
  }
  return kept;
}

function forget(event?: StorageEvent): void {
  if (event && event.key !== key) return;
  kept = undefined;
  for (const call of listeners) call();
}

function subscribe(call: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("storage", forget);
  listeners.add(call);
  return () => {
    listeners.delete(call);
    if (listeners.size === 0) window.removeEventListener("storage", forget);
  };
}

export const useFavourites = (): ReadonlySet<string> => useSyncExternalStore(subscribe, read);

export function toggleFavourite(deviceId: string): void {
  const now = new Set(read());
  if (!now.delete(deviceId)) now.add(deviceId);
  localStorage.setItem(key, JSON.stringify([...now]));
  forget();
}
