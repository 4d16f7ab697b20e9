/**
 * The page that somebody goes on with once they are signed in. Its path goes along as `next`, also through the mail that confirms
 * their address. What stands behind its `#` opens an invitation or an offer and may stand in no query, which servers write down:
 * this browser keeps it meanwhile, for all its tabs.
 */
import { z } from "zod";

const key = "symphony.next";
/** Milliseconds: longer than the confirming mail's link holds, also where it is sent again. */
const keptFor = 24 * 3_600_000;
const kept = z.object({ page: z.string(), fragment: z.string(), until: z.number() });

/** Only a page of this portal: a link must not lead elsewhere after signing in. */
const ownPage = (next: string | undefined): string =>
  next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";

/** Keeps what stands behind the page's `#`. @returns the rest, as `next` */
export function wayBack(href: string): string {
  const [page = "/", fragment] = href.split("#");
  if (fragment) localStorage.setItem(key, JSON.stringify({ page, fragment, until: Date.now() + keptFor }));
  return page;
}

/** The whole page to go on with; what was kept for it is kept no longer. */
export function goOn(next: string | undefined): string {
  const page = ownPage(next);
  const found = kept.safeParse(JSON.parse(localStorage.getItem(key) ?? "null")).data;
  if (found?.page === page) {
    localStorage.removeItem(key);
    if (found.until > Date.now()) return `${page}#${found.fragment}`;
  }
  // In another browser only the invitation's own mail leads to it.
  return leadsToInvitation(page) ? "/" : page;
}

/** Who comes by an invitation needs no organisation of their own. */
export const leadsToInvitation = (next: string | undefined): boolean => next === "/invitation";
