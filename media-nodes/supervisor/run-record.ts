/** `run/parts.json` in the data folder: which processes belong to this installation. Read by `status`, and after a killed start. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { listProcesses, type ProcessLine } from "./processes.ts";

const processLine = z.object({
  pid: z.number().int(),
  parent: z.number().int(),
  group: z.number().int(),
  command: z.string(),
});

const schema = z.object({
  supervisor: processLine,
  startedAt: z.number().int(),
  origin: z.string(),
  parts: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      log: z.string(),
      pid: z.number().int(),
      restarts: z.number().int(),
      /** The part and what it started, as they were when last looked at. */
      members: z.array(processLine),
    }),
  ),
});
export type RunRecord = z.infer<typeof schema>;

const pathIn = (dataDir: string) => join(dataDir, "run", "parts.json");

/** The record of the last start, if there is one and it can be read. */
export function readRecord(dataDir: string): RunRecord | undefined {
  const path = pathIn(dataDir);
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // written half by a start that was killed: then its parts hold their ports and are named by them
  }
}

export function writeRecord(dataDir: string, record: RunRecord): void {
  mkdirSync(join(dataDir, "run"), { recursive: true });
  writeFileSync(`${pathIn(dataDir)}.new`, JSON.stringify(record, null, 2));
  renameSync(`${pathIn(dataDir)}.new`, pathIn(dataDir));
}

export function removeRecord(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}

/**
 * Which of the recorded processes still run. A process counts only with its recorded command line: numbers are used again.
 * `supervisor` is defined where that start is alive and well.
 */
export function stillRunning(
  record: RunRecord,
  running: readonly ProcessLine[] = listProcesses(),
): { supervisor: ProcessLine | undefined; members: ProcessLine[] } {
  const same = (known: ProcessLine) => running.some((now) => now.pid === known.pid && now.command === known.command);
  return {
    supervisor: same(record.supervisor) ? record.supervisor : undefined,
    members: record.parts.flatMap((part) => part.members).filter(same),
  };
}
