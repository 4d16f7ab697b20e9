/** GlobalSign's EST client (RFC 7030), built once from its pinned Go module. */
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./folder.ts";

const source = fileURLToPath(new URL("../devices/estclient/", import.meta.url));

export type EstClient = (...args: string[]) => Promise<{ ok: boolean; said: string }>;

/** Builds it; what is returned runs it and tells what it said. */
export function buildEstClient(): EstClient {
  const program = join(temporaryFolder("estclient"), "estclient");
  const command = ["build", "-o", program, "github.com/globalsign/est/cmd/estclient"];
  execFileSync("go", command, { cwd: source, stdio: "pipe" });
  return (...args) =>
    new Promise((resolve) => {
      execFile(program, args, (error, stdout, stderr) => resolve({ ok: !error, said: `${stdout}${stderr}` }));
    });
}
