/** What a claimed station does beside calls: learns its configuration, and renews its certificate in time. */
import type { Configured } from "../cloud/configured.ts";
import type { Station } from "../station.ts";
import { configure } from "./configure.ts";
import { type Enrolling, renew } from "./enrol.ts";

/** Milliseconds. */
const pauses = { first: 1_000, longest: 60_000, renewal: 60 * 60_000 };

/** Begins at once; what fails is tried again. It keeps no process alive. */
export function lookAfter(about: Enrolling, configured: Configured, station: Pick<Station, "reconnect">): void {
  async function learn(pause: number): Promise<void> {
    try {
      await configure(about.cloud, about.identity, configured);
      about.report({ event: "configured", version: configured.version });
    } catch {
      setTimeout(() => void learn(Math.min(pauses.longest, pause * 2)), pause * (0.5 + Math.random() / 2)).unref();
    }
  }

  async function keepFresh(): Promise<void> {
    const { operational } = about.identity;
    if (operational && Date.now() >= operational.renewAt.getTime()) {
      const renewed = await renew(about).then(
        () => true,
        () => false,
      );
      if (renewed) station.reconnect();
    }
    setTimeout(() => void keepFresh(), pauses.renewal).unref();
  }

  void learn(pauses.first);
  void keepFresh();
}
