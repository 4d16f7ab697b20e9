/** Whom the played cloud lets in: the device by a certificate that is good, until it is revoked. As media-nodes/tls/admission.ts for the edge. */
import type { Admission as Real } from "#media-nodes/tls/admission.ts";
import type { Played } from "./played.ts";

export type Admission = Pick<Real, "admit" | "hold" | "revoked">;

export function playAdmission({ state }: Pick<Played, "state">): Admission {
  const held = new Map<string, Set<() => void>>();
  const revoked: Admission["revoked"] = (serials) => {
    for (const serial of serials) for (const end of held.get(serial) ?? []) end();
  };
  return {
    async admit(serial) {
      if (state.revoked || !state.good.includes(serial)) return false;
      // At a certificate's first use the device's older ones die.
      if (serial === state.good.at(-1)) revoked(state.good.splice(0, state.good.length - 1));
      return true;
    },
    hold(serial, end) {
      const ends = held.get(serial) ?? new Set();
      held.set(serial, ends.add(end));
      return () => void ends.delete(end);
    },
    revoked,
  };
}
