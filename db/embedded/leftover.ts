/** What a killed start leaves behind: a Postgres that still runs, or the file that says one does. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether that process is a Postgres of this cluster, and not another program that was given its number since. */
function isOfCluster(pid: number, cluster: string): boolean {
  try {
    const command = existsSync("/proc/self/cmdline")
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8")
      : execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" });
    return command.includes(cluster);
  } catch {
    return false;
  }
}

/** Fast shutdown first, which rolls back what is open; then immediate, after which the next start recovers. */
const signals = [
  { signal: "SIGINT", patience: 10_000 },
  { signal: "SIGQUIT", patience: 5_000 },
  { signal: "SIGKILL", patience: 5_000 },
] as const;

/** Ends a Postgres of this cluster that outlived its parent, and removes its mark. Throws if it can't be ended. */
export async function endLeftover(cluster: string): Promise<void> {
  const mark = join(cluster, "postmaster.pid");
  if (!existsSync(mark)) return;
  const pid = Number(readFileSync(mark, "utf8").split("\n")[0]);
  const runs = () => Number.isInteger(pid) && pid > 1 && isRunning(pid) && isOfCluster(pid, cluster);
  for (const { signal, patience } of signals) {
    if (!runs()) break;
    process.kill(pid, signal);
    const until = Date.now() + patience;
    // The end of a process that is no child of ours shows in no event.
    while (runs() && Date.now() < until) await wait(20);
  }
  if (runs()) throw new Error(`An earlier Postgres (process ${pid}) can't be ended.`);
  // Postgres itself only asks whether the number is in use, and after a restart of the machine it may well be, by another.
  rmSync(mark, { force: true });
}
