import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { putAside } from "./put-aside.ts";

test("a log that has grown too large is put aside while its part goes on writing, and so is the next", async () => {
  const log = join(temporaryFolder("log"), "part.log");
  const part = spawn(process.execPath, ["-e", "process.stdin.pipe(process.stdout)"], {
    stdio: ["pipe", openSync(log, "a"), "inherit"],
  });
  const text = (path: string) => readFileSync(path, "utf8");
  const write = async (line: string) => {
    part.stdin?.write(`${line}\n`);
    await vi.waitFor(() => expect(text(log)).toContain(line), { timeout: 5_000, interval: 10 });
  };
  await write("first");
  putAside(log, 20);
  expect(text(log)).toBe("first\n");
  await write("and what makes it too large");
  putAside(log, 20);
  await write("second");
  expect([text(`${log}.1`), text(log)]).toEqual(["first\nand what makes it too large\n", "second\n"]);
  putAside(log, 5);
  await write("third");
  expect([text(`${log}.1`), text(log)]).toEqual(["second\n", "third\n"]);
  part.stdin?.end();
  await once(part, "exit");
});
