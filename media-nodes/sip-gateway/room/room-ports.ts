/** The UDP ports of LiveKit's side, in pairs: they belong to the process, whoever joins. */
import { type PortPool, portPool } from "../media/ports.ts";

export type PortRange = { first: number; last: number };

const pools = new Map<string, PortPool>();

/** The pool of this range, the same for all who name it. */
export function poolOf({ first, last }: PortRange): PortPool {
  const name = `${first}-${last}`;
  const pool = pools.get(name) ?? portPool(first, last);
  pools.set(name, pool);
  return pool;
}

/** Room ports of this range that nobody holds, in pairs. */
export function freeRoomPorts(range: PortRange): number {
  return poolOf(range).free;
}
