import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProcesses, familyOf, listProcesses } from "./processes.ts";
import { type RunRecord, stillRunning } from "./run-record.ts";

const line = (pid: number, command: string) => ({ pid, parent: 1, group: pid, command });

function record(members: ReturnType<typeof line>[]): RunRecord {
  const part = { name: "edge", address: "", log: "", pid: 10, restarts: 0, members };
  return { supervisor: line(1, "supervisor"), startedAt: 0, origin: "", parts: [part] };
}

test("a recorded process that still runs is a leftover", () => {
  const workerd = line(11, "workerd serve");
  expect(stillRunning(record([line(10, "edge"), workerd]), [workerd])).toEqual({
    supervisor: undefined,
    members: [workerd],
  });
});

test("a process that got the number later is none of ours", () => {
  expect(stillRunning(record([line(10, "edge")]), [line(10, "somebody's editor")]).members).toEqual([]);
});

test("a start that is alive is recognised", () => {
  expect(stillRunning(record([]), [line(1, "supervisor")]).supervisor?.pid).toBe(1);
});

test("what a part started belongs to it, in its group or in one of its own", () => {
  const part = line(10, "node db");
  const postmaster = { pid: 11, parent: 10, group: 11, command: "postgres" };
  const writer = { pid: 12, parent: 11, group: 12, command: "postgres: walwriter" };
  const orphan = { pid: 13, parent: 1, group: 10, command: "helper" };
  const other = line(20, "node edge");
  expect(
    familyOf(10, [other, writer, postmaster, part, orphan])
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual([10, 11, 12, 13]);
});

test("ending takes one that will not listen, too", async () => {
  const deaf = spawn(process.execPath, [
    "-e",
    "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
  ]);
  const gone = once(deaf, "exit");
  await once(deaf.stdout, "data");
  await endProcesses(
    listProcesses().filter(({ pid }) => pid === deaf.pid),
    200,
  );
  expect(await gone).toEqual([null, "SIGKILL"]);
});
