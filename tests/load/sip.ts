/**
 * Registrations and calls a second through the SIP layer over TLS, made by SIPp.
 * Run: node tests/load/sip.ts [registrations a second = 500] [calls a second = 100] [seconds = 10]
 * Prints what was reached, the processor time each took, and from it what one core carries. Ends with 1 where any failed.
 */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueDeviceCertificate, issueServerCertificate, makeAuthority } from "../../media-nodes/pki/issue.ts";
import type { FromPart, ToPart } from "./sip/parts.ts";

const [registrations = 500, calls = 100, seconds = 10] = process.argv.slice(2).map(Number);
const here = import.meta.dirname;
const deviceId = "4f7d3f0e-52c1-4c0f-9a43-0d2f3a6b7c81";

const children: ChildProcess[] = [];
function part(file: string): ChildProcess {
  const child = fork(join(here, "sip", file), { stdio: "inherit" });
  children.push(child);
  return child;
}

/** Says something to a part and resolves with its answer. */
function ask<T extends FromPart["type"]>(
  child: ChildProcess,
  message: ToPart,
  type: T,
): Promise<Extract<FromPart, { type: T }>> {
  const isWanted = (answer: FromPart): answer is Extract<FromPart, { type: T }> => answer.type === type;
  return new Promise((resolve, reject) => {
    const done = () => child.off("message", heard).off("exit", gone);
    const heard = (answer: FromPart) => {
      if (!isWanted(answer)) return;
      done();
      resolve(answer);
    };
    const gone = (code: number | null) => reject(new Error(`a part ended with ${code}`));
    child.on("message", heard).on("exit", gone);
    child.send(message);
  });
}

/** The last line of SIPp's statistics by column name. */
function statistics(file: string): Map<string, string> {
  const [head = "", ...lines] = readFileSync(file, "latin1").trim().split("\n");
  const values = lines.at(-1)?.split(";") ?? [];
  return new Map(head.split(";").map((name, index) => [name, values[index] ?? ""]));
}

const folder = mkdtempSync(join(tmpdir(), "sipp-"));
try {
  const [serverAuthority, deviceAuthority] = await Promise.all([makeAuthority("servers"), makeAuthority("devices")]);
  const server = await issueServerCertificate(serverAuthority, ["127.0.0.1"]);
  const device = await issueDeviceCertificate(deviceAuthority, deviceId);
  const listener = part("listener.ts");
  const { port: to } = await ask(
    listener,
    { type: "listen", server, deviceAuthority: deviceAuthority.certificate },
    "listening",
  );
  const { port } = await ask(
    part("tunnel.ts"),
    { type: "tunnel", to, device, serverAuthority: serverAuthority.certificate },
    "listening",
  );
  writeFileSync(join(folder, "device.csv"), `SEQUENTIAL\n${deviceId};127.0.0.1;\n`);

  for (const { scenario, rate, transactions } of [
    { scenario: "register", rate: registrations, transactions: 2 },
    { scenario: "call", rate: calls, transactions: 1 },
  ]) {
    const before = await ask(listener, { type: "usage" }, "usage");
    const stats = join(folder, `${scenario}.csv`);
    // A scenario of register makes two registrations.
    const each = Math.max(1, Math.round(rate / transactions));
    const { status, stderr, error } = spawnSync(
      "sipp",
      [`127.0.0.1:${port}`, "-t", "t1", "-i", "127.0.0.1", "-sf", join(here, "sip", `${scenario}.xml`)]
        .concat(["-inf", join(folder, "device.csv"), "-r", String(each), "-m", String(each * seconds)])
        .concat(["-l", "5000", "-timeout", `${seconds * 4}s`, "-trace_stat", "-stf", stats, "-fd", "1", "-nostdin"]),
      { cwd: folder, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] },
    );
    if (error) throw new Error("SIPp is not installed (Debian: sip-tester)", { cause: error });
    const after = await ask(listener, { type: "usage" }, "usage");
    const figures = statistics(stats);
    const succeeded = Number(figures.get("SuccessfulCall(C)")) * transactions;
    const failed = Number(figures.get("FailedCall(C)"));
    const reached = Number(figures.get("CallRate(C)")) * transactions;
    const spent = after.seconds - before.seconds;
    console.log(
      `${scenario.padEnd(9)} ${succeeded} succeeded, ${failed} failed; ${reached.toFixed(0)} a second of ${rate} asked; ` +
        `${((spent / succeeded) * 1000).toFixed(2)} ms of processor time each: one core carries ${Math.floor(succeeded / spent)} a second; ` +
        `${after.megabytes.toFixed(0)} MB`,
    );
    if (status !== 0 || failed > 0) {
      console.error(stderr.slice(-2_000));
      process.exitCode = 1;
    }
  }
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true });
}
