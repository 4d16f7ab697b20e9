/** The page that somebody goes on with once they are signed in, as the address says it. */

/** Only a page of this portal: a link must not lead elsewhere after signing in. */
export function ownPage(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

/** Who comes by an invitation needs no organisation of their own. */
export const leadsToInvitation = (next: string | undefined): boolean => ownPage(next).startsWith("/invitation#");
