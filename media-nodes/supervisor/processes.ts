/** What runs on this machine, from /proc or, where there is none, from ps. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

export interface ProcessLine {
  pid: number;
  parent: number;
  /** The process group: a part and everything it started. */
  group: number;
  command: string;
}

function fromProc(pid: number): ProcessLine | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    // "pid (name) state ppid pgrp …": the name may hold spaces and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return command === "" || state === "Z" ? undefined : { pid, parent: Number(parent), group: Number(group), command };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Every process but kernel threads and the dead that nobody has buried. */
export function listProcesses(): ProcessLine[] {
  if (existsSync("/proc/self/stat")) {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => fromProc(Number(name)) ?? []);
  }
  const table = execFileSync("ps", ["-axo", "pid=,ppid=,pgid=,stat=,command="]).toString();
  return table.split("\n").flatMap((line) => {
    const [, pid, parent, group, state, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || group === undefined || command === undefined || state?.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), command }];
  });
}

/** A process and all it started, directly or not, also where that is in a group of its own, as Postgres is. */
export function familyOf(pid: number, running: readonly ProcessLine[]): ProcessLine[] {
  const family = running.filter((line) => line.pid === pid || line.group === pid);
  for (const member of family) {
    family.push(...running.filter((line) => line.parent === member.pid && !family.includes(line)));
  }
  return family;
}

/** Sends a signal to one process or, by a negative number, to a group. One that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Ends these processes: asks, and after `patience` milliseconds insists. Resolves when none of them runs any more. */
export async function endProcesses(lines: readonly ProcessLine[], patience = 5_000): Promise<void> {
  const left = () => {
    const now = new Map(listProcesses().map((line) => [line.pid, line.command]));
    return lines.filter((line) => now.get(line.pid) === line.command);
  };
  for (const { pid } of lines) signal(pid, "SIGTERM");
  const until = Date.now() + patience;
  while (left().length > 0 && Date.now() < until) await wait(50); // not our children: nothing tells us
  for (const { pid } of left()) signal(pid, "SIGKILL");
  while (left().length > 0) await wait(20);
}
