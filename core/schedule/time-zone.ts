/** Time zones by their IANA names, as `Europe/Vienna`. */
import { z } from "zod";

/** Names that are good. To ask costs a fraction of a millisecond, and every report of a device names its own. */
const known = new Set<string>();
/** A name may be written in any case, and so in more ways than there are zones. */
const mostKnown = 1_000;

function isTimeZone(name: string): boolean {
  if (known.has(name)) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    if (known.size >= mostKnown) known.clear();
    known.add(name);
    return true;
  } catch {
    return false;
  }
}

export const timeZone = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, "there is no such time zone, as Europe/Vienna is one");
