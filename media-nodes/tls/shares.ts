/**
 * How much of a listener's room one client may take, so that nobody keeps the others out: so many connections from one address, which a
 * whole house may share, and by one certificate. Who closes one has room for another.
 */
import type { Server, Socket } from "node:net";
import { usualPerAddress } from "#core/device/connections.ts";

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
