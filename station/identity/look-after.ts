/** What a claimed station does beside calls: learns its configuration and whom to trust, and renews its certificate in time. */
import type { Configured } from "../cloud/configured.ts";
import type { Station } from "../station.ts";
import { configure, type Running } from "./configure.ts";
import { type Enrolling, learnAnchors, renew } from "./enrol.ts";

/** Milliseconds. */
const pauses = { first: 1_000, longest: 60_000, renewal: 60 * 60_000 };

export interface LookedAfter extends Pick<Station, "reconnect"> {
  /** Asks by the factory certificate, since the other one is over. */
  comeBack(): Promise<void>;
}

/**
 * Begins at once; what fails is tried again. It keeps no process alive. @returns what ends it, and waits for what is under way:
 * whatever starts next must not be overtaken by what was said of this
 */
export function lookAfter(
  about: Enrolling,
  configured: Configured,
  running: Running,
  station: LookedAfter,
): () => Promise<void> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const later = (what: () => Promise<void>, pause: number) =>
    setTimeout(() => signal.aborted || void what(), pause).unref();

  let learning: Promise<void> = Promise.resolve();
  async function learn(pause: number): Promise<void> {
    try {
      learning = configure(about.cloud, about.identity, configured, running, signal);
      await learning;
      about.report({ event: "configured", version: configured.version });
    } catch {
      later(() => learn(Math.min(pauses.longest, pause * 2)), pause * (0.5 + Math.random() / 2));
    }
  }

  async function keepFresh(): Promise<void> {
    const { operational } = about.identity;
    const ended = operational !== undefined && about.now() >= operational.until.getTime();
    if (ended) await station.comeBack();
    else if (operational && about.now() >= operational.renewAt.getTime()) {
      const renewed = await renew(about).then(
        () => true,
        () => false,
      );
      if (renewed) station.reconnect();
    }
    // Where that fails it is tried again with the next look.
    await learnAnchors(about).catch(() => undefined);
    later(keepFresh, ended ? pauses.longest : pauses.renewal);
  }

  void learn(pauses.first);
  void keepFresh();
  return async () => {
    leaving.abort();
    await learning.catch(() => undefined);
  };
}
