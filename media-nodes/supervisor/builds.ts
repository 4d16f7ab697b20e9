/** Building what is run from built files, and only when its sources changed since. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import type { Settings } from "./settings.ts";

export interface Build {
  name: string;
  /** Files and folders it is made from, from the top of the repository. */
  sources: string[];
  /** The folder it writes; the hash of the sources is kept in it. */
  output: string;
  /** A file that is there once it is built. */
  result: string;
  commands: string[][];
}

const skipped = /^(dist|node_modules|testing)$|\.test\.tsx?$/;

function* filesUnder(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) if (!skipped.test(name)) yield* filesUnder(join(path, name));
}

/** One hash over the names and contents of the sources, tests left out. */
export function hashOf(root: string, sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of filesUnder(join(root, source))) {
      hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
    }
  }
  return hash.digest("hex");
}

/** Runs a program of ours to its end; rejects with what it said where it fails. */
export function run(
  root: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<void> {
  const [program = "", ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += text));
    child.stderr.on("data", (text: Buffer) => (said += text));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command.join(" ")} failed:\n${said.trim()}`)),
    );
  });
}

/** Builds if the sources are not those it was built from. Resolves to whether it had to. */
export async function buildIfChanged(
  root: string,
  build: Build,
  say: (sentence: string) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const stamp = join(root, build.output, ".built-from");
  const hash = hashOf(root, build.sources);
  if (existsSync(join(root, build.result)) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return false;
  say(`Building the ${build.name} …`);
  // Whoever calls, a test runner too: React built for development is another React, and several times as slow.
  const environment = { ...process.env, NODE_ENV: "production", WRANGLER_SEND_METRICS: "false", CI: "1" };
  for (const command of build.commands) await run(root, command, environment, signal);
  writeFileSync(stamp, hash);
  return true;
}

const tool = (name: string) => join("node_modules", ".bin", name);

/** In this order: the worker's bundle wants the portal's folder to be there. */
export const builds: Build[] = [
  {
    name: "portal",
    sources: ["portal", "core", "package-lock.json"],
    output: "portal/dist",
    result: "portal/dist/index.html",
    commands: [[tool("vite"), "build", "portal", "--config", "portal/vite.config.ts", "--logLevel", "error"]],
  },
  {
    name: "edge",
    sources: [
      "core",
      "db",
      "workers",
      "functions",
      "firmware-cdn",
      "media-nodes/edge/describe.ts",
      "wrangler.toml",
      "package-lock.json",
    ],
    output: "workers/dist",
    result: "workers/dist/description.json",
    commands: [
      [tool("wrangler"), "deploy", "--dry-run", "--outdir", "workers/dist"],
      [process.execPath, "media-nodes/edge/describe.ts"],
    ],
  },
];

/** Builds LiveKit's server if it is not there, and shows how far it is. */
function buildLiveKit(
  root: string,
  binDir: string,
  say: (sentence: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const terminal = process.stdout.isTTY;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["media-nodes/livekit/build.ts", binDir], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    let wrong = "";
    let told = false;
    child.stderr.on("data", (text: Buffer) => (wrong += text));
    createInterface(child.stdout).on("line", (line) => {
      if (!told) say("Building LiveKit, which is done once and takes a minute or two …");
      told = true;
      if (terminal) process.stdout.write(`\r\x1b[K  ${line.slice(0, 76)}`);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (terminal && told) process.stdout.write("\r\x1b[K");
      if (code === 0) resolve();
      else reject(new Error(wrong.trim()));
    });
  });
}

/** Everything that has to be built before the parts can start. Rejects when `signal` aborts. */
export async function buildAll(
  root: string,
  settings: Settings,
  say: (sentence: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (!settings.LIVEKIT_URL) await buildLiveKit(root, settings.binDir, say, signal);
  for (const build of builds) await buildIfChanged(root, build, say, signal);
}
