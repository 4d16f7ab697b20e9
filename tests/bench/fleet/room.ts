/** Whether a machine has room for so many connections, and what to raise where it has not. */
import { readFileSync } from "node:fs";

/** Files that the broker, or a process of the fleet, has open beside its devices' connections. */
const others = 500;

/** @throws with a sentence that says what to raise */
export function makeSureOfRoom(devices: number): void {
  const needed = devices + others;
  const limits = /Max open files\s+\d+\s+(\d+)/.exec(limitsOfThisProcess());
  const files = Number(limits?.[1] ?? Number.POSITIVE_INFINITY);
  if (files < needed)
    throw new Error(
      `${devices} devices need ${needed} open files in one process, and this machine allows ${files}. Raise the hard limit, as by "ulimit -Hn ${needed}" before as root.`,
    );
  const [first = 0, last = 65_535] = localPorts();
  if (last - first < needed)
    throw new Error(
      `${devices} devices need ${needed} local ports, and this machine gives ${last - first}. Raise them: sysctl -w net.ipv4.ip_local_port_range="10000 65000".`,
    );
}

/** Linux says so; elsewhere it is tried. */
function limitsOfThisProcess(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}

function localPorts(): number[] {
  try {
    return readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}
