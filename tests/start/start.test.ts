/** What a newcomer's first commands do: start, status, restart, leftovers, and the front's refusals. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { listProcesses } from "#media-nodes/supervisor/processes.ts";
import { asOwner } from "../support/database.ts";
import { type Platform, startPlatform } from "../support/platform.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const busy = { timeout: 60_000, interval: 100 };

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

function environment(): NodeJS.ProcessEnv {
  const ports = Object.fromEntries(Object.entries(platform.ports).map(([name, port]) => [name, String(port)]));
  return { ...process.env, ...ports, DATA_DIR: platform.dataDir };
}

function run(script: string, args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, script), ...args],
      { cwd: root, env },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}`.trim() }),
    );
  });
}

const statusSchema = z.object({
  running: z.boolean(),
  parts: z.array(z.object({ name: z.string(), address: z.string(), pid: z.number(), health: z.string() })),
});
const status = async () => {
  const { code, said } = await run("media-nodes/supervisor/status.ts", ["--json"], environment());
  return { code, ...statusSchema.parse(JSON.parse(said)) };
};

const names = async () => (await asOwner(platform, ["select name from site order by name"])).map(({ name }) => name);

test("the terminal shows the portal's address, two accounts, the press and the mails", () => {
  expect(platform.output()).toContain(platform.origin);
  expect(platform.output()).toContain(platform.accounts.mara.password);
  expect(platform.output()).toContain("npm run station -- press");
  expect(platform.output()).toContain(`http://127.0.0.1:${platform.ports.MAIL_PORT}`);
});

test("status says what it does not know of, and does nothing then", async () => {
  const { code, said } = await run("media-nodes/supervisor/status.ts", ["--jsn"], environment());
  expect([code, said]).toEqual([2, '"--jsn" is no option of status: --json is the only one.']);
});

test("status lists every part, all well", async () => {
  const { code, parts } = await status();
  expect(parts.map(({ name, health }) => `${name} ${health}`)).toEqual(
    ["mail", "ntp", "postgres", "livekit", "edge", "front", "device-front", "mqtt", "sip-gateway"].map(
      (name) => `${name} ok`,
    ),
  );
  expect(code).toBe(0);
});

test("secrets are for their owner alone, and no log holds one", () => {
  expect(statSync(join(platform.dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
  const logs = (["mail", "ntp", "postgres", "livekit", "edge", "front", "device-front", "mqtt", "sip-gateway"] as const)
    .map(platform.log)
    .join("\n");
  expect(logs.length).toBeGreaterThan(100);
  for (const [name, secret] of Object.entries(platform.secrets)) {
    if (name !== "LIVEKIT_API_KEY") expect(logs.includes(secret), `${name} is in a log`).toBe(false);
  }
});

test("the portal comes with a policy, and its files may be kept", async () => {
  const page = await fetch(`${platform.origin}/doors`);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1];
  expect((await fetch(`${platform.origin}${script}`)).headers.get("cache-control")).toContain("immutable");
});

test("under another host name the front answers nothing", async () => {
  const asked = request(`${platform.origin}/health`, { headers: { host: "evil.example" } }).end();
  const [answer] = await once(asked, "response");
  expect(answer.statusCode).toBe(421);
});

test("a second start on the same data is refused in one sentence", async () => {
  const { code, said } = await run("media-nodes/supervisor/main.ts", [], environment());
  expect(said).toMatch(/^It is running already \(process \d+, http:\/\/localhost:\d+\)\. [^\n]+$/);
  expect(code).not.toBe(0);
});

test("a taken port is one sentence with the port and its variable", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const folder = join(platform.dataDir, "second");
  const { said } = await run("media-nodes/supervisor/main.ts", [], {
    ...process.env,
    DATA_DIR: folder,
    MAIL_PORT: String(port),
  });
  taken.close();
  expect(said).toBe(`Port ${port} is taken by another program. End that, or choose another port with MAIL_PORT.`);
});

test("a part that crashes is started again, and said", async () => {
  platform.kill("sip-gateway");
  await vi.waitFor(() => expect(platform.output()).toContain("sip-gateway is back."), busy);
  expect(platform.output()).toMatch(/sip-gateway ended \(signal SIGKILL\); starting it again in/);
});

test("workerd killed behind the edge comes back with it", async () => {
  const { parts } = JSON.parse(readFileSync(join(platform.dataDir, "run", "parts.json"), "utf8"));
  const edge = parts.find((part: { name: string }) => part.name === "edge");
  const workerd = edge.members.find((member: { command: string }) => member.command.includes("workerd"));
  process.kill(workerd.pid, "SIGKILL");
  await vi.waitFor(() => expect(platform.output()).toContain("edge is back."), busy);
  expect((await fetch(`${platform.origin}/health`)).status).toBe(200);
});

test("after the supervisor alone was killed, the next start ends what it left and has the same data", async () => {
  const before = await names();
  expect(before).toContain("Lindenhof 4");
  const { supervisor, parts } = JSON.parse(readFileSync(join(platform.dataDir, "run", "parts.json"), "utf8"));
  const left: number[] = parts.flatMap((part: { members: { pid: number }[] }) => part.members.map(({ pid }) => pid));
  process.kill(supervisor.pid, "SIGKILL");
  await vi.waitFor(() => expect(existsSync(`/proc/${supervisor.pid}/exe`)).toBe(false), busy);
  expect(left.filter((pid) => existsSync(`/proc/${pid}`)).length).toBeGreaterThan(5);
  await platform.startAgain();
  expect(platform.output()).toMatch(/Ending \d+ processes left over from a start that was killed/);
  expect(listProcesses().filter(({ pid }) => left.includes(pid))).toEqual([]);
  expect(await names()).toEqual(before);
});

test("after a power cut it starts again on the same data, in less than ten seconds", async () => {
  const before = await names();
  await platform.killAll();
  const began = Date.now();
  await platform.startAgain();
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(await names()).toEqual(before);
});

test("Ctrl-C leaves no process and no port behind", async () => {
  const { parts } = JSON.parse(readFileSync(join(platform.dataDir, "run", "parts.json"), "utf8"));
  const all: number[] = parts.flatMap((part: { members: { pid: number }[] }) => part.members.map(({ pid }) => pid));
  await platform.stop();
  expect(listProcesses().filter(({ pid }) => all.includes(pid))).toEqual([]);
  const again = createServer().listen(platform.ports.EDGE_PORT, "127.0.0.1");
  await once(again, "listening");
  again.close();
});
