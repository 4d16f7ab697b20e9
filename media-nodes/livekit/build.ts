/**
 * Finds or builds the LiveKit server. A `livekit-server` of the right minor version on the PATH wins; otherwise the Go
 * module pinned beside this file is compiled once into the data folder. An older Go fetches the toolchain it needs.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The minor version the rest was tried with. */
export const liveKitVersion = "1.13";

export type BuildProgress = { seconds: number; line: string };

/**
 * Returns the path of the server's binary.
 * @param bin the folder it is kept in
 * @param onProgress called about once a second while it builds, which takes a minute or two
 * @throws Error with a sentence for the person at the terminal
 */
export async function ensureLiveKit(
  bin: string,
  onProgress: (progress: BuildProgress) => void = () => {},
): Promise<string> {
  const installed = await output("livekit-server", ["--version"]);
  if (installed && isRightVersion(installed)) return "livekit-server";

  const module = import.meta.dirname;
  const stamp = createHash("sha256")
    .update(await readFile(join(module, "go.mod")))
    .update(await readFile(join(module, "go.sum")))
    .digest("hex");
  const target = join(bin, "livekit-server");
  const stampFile = join(bin, "livekit-server.sha256");
  const built = await readFile(stampFile, "utf8").catch(() => "");
  if (built === stamp && (await isExecutable(target))) return target;

  if (!(await output("go", ["version"])))
    throw new Error("Go is needed once, to build LiveKit: install Go 1.21 or newer (1.26 is fetched by it).");
  await mkdir(bin, { recursive: true });
  const fresh = `${target}.${process.pid}`;
  try {
    await compile(module, fresh, onProgress);
    await rename(fresh, target);
    await writeFile(stampFile, stamp);
  } finally {
    await rm(fresh, { force: true });
  }
  return target;
}

/** `livekit-server version 1.13.5` → true. */
export function isRightVersion(text: string): boolean {
  const version = /(\d+)\.(\d+)\.\d+/.exec(text);
  return version !== null && `${version[1]}.${version[2]}` === liveKitVersion;
}

/** Compiles the pinned server. Rejects with the compiler's last lines. */
function compile(module: string, target: string, onProgress: (progress: BuildProgress) => void): Promise<void> {
  const started = Date.now();
  const args = ["build", "-trimpath", "-ldflags=-s -w", "-o", target, "github.com/livekit/livekit-server/cmd/server"];
  const child = spawn("go", args, {
    cwd: module,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, GOTOOLCHAIN: "auto", GOFLAGS: "-mod=readonly", CGO_ENABLED: "0" },
  });
  let line = "compiling";
  const last: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    for (const each of text.split("\n").filter(Boolean)) {
      line = each.slice(0, 120);
      last.push(each);
      if (last.length > 8) last.shift();
    }
  });
  const ticker = setInterval(() => onProgress({ seconds: Math.round((Date.now() - started) / 1000), line }), 1000);
  return new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`LiveKit could not be built:\n${last.join("\n")}`));
    });
  }).finally(() => clearInterval(ticker));
}

/** What a command prints, or nothing where it can't be run. */
function output(command: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve(code === 0 ? text : undefined));
  });
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

// Run by itself it builds ahead of the first start: `node media-nodes/livekit/build.ts <folder>`.
if (import.meta.main) {
  const [, , bin = ".data/bin"] = process.argv;
  try {
    await ensureLiveKit(bin, ({ seconds, line }) => console.log(`${seconds} s: ${line}`));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
