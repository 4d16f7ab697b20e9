/**
 * Who rings when a visitor presses: the members of the door's organisation, joined with the clients that are connected.
 * Every member gets a fate, also those who do not ring, so that the history can say why.
 */
import type { Role } from "../messages/portal-api.ts";
import type { ClientId, LegFate, LegId, UserId } from "../messages/values.ts";
import { maxReceivers } from "./limits.ts";

export interface Member {
  userId: UserId;
  name: string;
  role: Role;
}

/** A client with an open socket. */
export interface ConnectedClient {
  clientId: ClientId;
  userId: UserId;
  available: boolean;
}

export interface PlannedLeg {
  legId: LegId;
  /** Absent for a leg that does not ring. */
  clientId?: ClientId;
  userId: UserId;
  name: string;
  role: Role;
  fate: Extract<LegFate, "told" | "offline" | "not-allowed">;
}

export interface Rules {
  mayAnswer: (role: Role) => boolean;
  newLegId: () => LegId;
}

/**
 * Plans the legs of one call. A member who may answer rings on each of their available clients; without one the fate is
 * `offline`. A member who may not answer is named (`not-allowed`) if connected, and left out otherwise. At most
 * `maxReceivers` legs ring: the first client of each member comes before anybody's second.
 */
export function planCall(members: Member[], clients: ConnectedClient[], rules: Rules): PlannedLeg[] {
  const byUser = Map.groupBy(clients, (client) => client.userId);
  const first: PlannedLeg[] = [];
  const further: PlannedLeg[] = [];
  const silent: PlannedLeg[] = [];
  for (const { userId, name, role } of members) {
    const leg = (fate: PlannedLeg["fate"], clientId?: ClientId): PlannedLeg => ({
      legId: rules.newLegId(),
      ...(clientId ? { clientId } : {}),
      userId,
      name,
      role,
      fate,
    });
    const connected = byUser.get(userId) ?? [];
    if (!rules.mayAnswer(role)) {
      if (connected.length > 0) silent.push(leg("not-allowed"));
      continue;
    }
    const [head, ...rest] = connected.filter((client) => client.available);
    if (!head) {
      silent.push(leg("offline"));
      continue;
    }
    first.push(leg("told", head.clientId));
    for (const client of rest) further.push(leg("told", client.clientId));
  }
  return [...[...first, ...further].slice(0, maxReceivers), ...silent];
}
