/**
 * How much of a listener's room one client may take, so that nobody keeps the others out: so many connections from one address, which a
 * whole house may share, and by one certificate. Who closes one has room for another.
 */
import type { Server, Socket } from "node:net";
import { z } from "zod";

/** Connections from one address at each of the devices' ports: a house of a thousand devices, and what its network left hanging. */
export const usualPerAddress = 2_000;
/** As it is set where more stand behind one address. */
export const connectionsPerAddress = z.coerce.number().int().min(10).max(20_000).default(usualPerAddress);

/** One device's at one port: packets of firmware, what it asks for beside them, and what was left hanging. */
export const connectionsPerCertificate = 16;

export interface Shares {
  /** Gives the socket a place until it closes. @returns false where this one has as many as it may */
  take(who: string, socket: Pick<Socket, "once">): boolean;
}

export function newShares(most: number): Shares {
  const taken = new Map<string, number>();
  return {
    take(who, socket) {
      const count = taken.get(who) ?? 0;
      if (count >= most) return false;
      taken.set(who, count + 1);
      socket.once("close", () => {
        const left = (taken.get(who) ?? 1) - 1;
        if (left === 0) taken.delete(who);
        else taken.set(who, left);
      });
      return true;
    },
  };
}

/** Ends what comes from an address beyond its share, before a handshake is spent on it. */
export function shareByAddress(
  server: Server,
  onRefused: (about: { address: string; reason: string }) => void,
  most = usualPerAddress,
): void {
  const shares = newShares(most);
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    if (shares.take(address, socket)) return;
    socket.destroy();
    onRefused({ address, reason: "too many connections from one address" });
  });
}
