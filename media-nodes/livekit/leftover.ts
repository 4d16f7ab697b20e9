/**
 * The server that a killed start left behind: it goes on, holds its ports and carries calls that nobody knows. It is written
 * down in `run/livekit-server.json` of the data folder, and ended by the next start.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { endProcesses, listProcesses } from "../supervisor/processes.ts";

const schema = z.object({ pid: z.number().int(), command: z.string() });

const recordIn = (dataFolder: string) => join(dataFolder, "run", "livekit-server.json");

/** Writes down the server that was just started. */
export function remember(dataFolder: string, pid: number): void {
  const command = listProcesses().find((line) => line.pid === pid)?.command;
  if (command === undefined) return;
  mkdirSync(dirname(recordIn(dataFolder)), { recursive: true });
  writeFileSync(recordIn(dataFolder), JSON.stringify({ pid, command }));
}

/** Ends the recorded server if it still runs under its command line: numbers are used again. Resolves when it is gone. */
export async function endLeftover(dataFolder: string): Promise<void> {
  const known = readRecord(recordIn(dataFolder));
  if (!known) return;
  await endProcesses(listProcesses().filter(({ pid, command }) => pid === known.pid && command === known.command));
}

function readRecord(path: string): z.infer<typeof schema> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // written half by a start that was killed: then the port that is taken tells
  }
}
