import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { endLeftover, remember } from "./leftover.ts";

const folder = mkdtempSync(join(tmpdir(), "leftover-"));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function server(): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"], { stdio: "pipe" });
  started.push(child);
  await once(child.stdout, "data");
  return { child, pid: child.pid ?? Number.NaN };
}

test("the server that a killed start left behind is ended by the next one", async () => {
  const { child, pid } = await server();
  remember(folder, pid);
  const ended = once(child, "exit");
  await endLeftover(folder);
  expect(await ended).toEqual([null, "SIGTERM"]);
  await endLeftover(folder);
});

test("another process that has its number by now is left alone", async () => {
  const { child, pid } = await server();
  remember(folder, pid);
  const record = join(folder, "run", "livekit-server.json");
  writeFileSync(record, readFileSync(record, "utf8").replace("setInterval", "anotherCommand"));
  await endLeftover(folder);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  writeFileSync(record, "{");
  await endLeftover(folder);
  expect(child.exitCode ?? child.signalCode).toBeNull();
});
