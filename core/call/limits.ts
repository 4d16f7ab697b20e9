/** The data sheet's limits on calls, and our own time limits. Milliseconds unless the name says otherwise. */

/** Data sheet, "Conversation duration: max. 10 min". */
export const talkLimit = 10 * 60_000;
/** Both sides hear and see a warning this long before the end: at 9:30, unless the platform ends talks sooner. */
export const warningTime = 30_000;
/** Data sheet, footnote 4: devices that can receive one call at the same time. */
export const maxReceivers = 32;
/** How long receivers ring before the call counts as missed. */
export const ringTime = 30_000;
/** A press that finds nobody to ring is held so long at most, until the caller's picture is taken. */
export const pictureTime = 2_000;
/** A client keeps its own limit too, so that none rings for ever if the edge is gone. */
export const clientRingTime = ringTime + 5_000;
/** A closed socket may come back within this time without ending its call. */
export const clientGrace = 5_000;
/** A client that says nothing for this long is gone. */
export const clientSilence = 30_000;
/** A client pings this often. */
export const clientPing = 10_000;
/** A door command older than this is not carried out: checked by the station. */
export const doorCommandLife = 5_000;
/** A press that could not be planned within this time (the database is silent) is refused. */
export const planTime = 5_000;
/**
 * How long a media node's link must be away, with the browser hearing nothing, before the node counts as dead; and how
 * long a call may be missing from a returned node's list before it does.
 */
export const witnessTime = 3_000;
