/**
 * What every npm script begins with: sees to it that Node, Go and the packages are there, and then runs the wanted part of it
 * with the Node version the project is made for. Plain JavaScript without dependencies, so that any Node ≥ 20 can run it.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const path = (...parts) => join(root, ...parts);
const [command = "start", ...rest] = process.argv.slice(2);

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org).`);
}

/** Whether a program can be run at all. */
const runs = (program, args = ["--version"]) => spawnSync(program, args, { stdio: "ignore" }).status === 0;

function checkGo() {
  if (process.env.LIVEKIT_URL || runs("livekit-server")) return;
  const bin = process.env.SYMPHONY_BIN_DIR || join(process.env.DATA_DIR || path(".data"), "bin");
  if (existsSync(join(bin, "livekit-server"))) return;
  const version = spawnSync("go", ["version"], { encoding: "utf8" });
  const [, minor] = /go1\.(\d+)/.exec(version.stdout ?? "") ?? [];
  if (minor === undefined) {
    fail(
      "Go is needed once, to build LiveKit: install Go 1.21 or newer (https://go.dev/dl), or put a livekit-server 1.13 on the PATH.",
    );
  }
  if (Number(minor) < 21)
    fail(`Go 1.${minor} can't fetch a newer toolchain by itself: install Go 1.21 or newer (https://go.dev/dl).`);
}

/** Whether what npm wrote down as installed is what the lock file asks for; other systems' optional packages may be missing. */
function packagesAreThere() {
  const installed = path("node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const packagesIn = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const have = packagesIn(installed);
  return Object.entries(packagesIn(path("package-lock.json"))).every(
    ([name, { version, optional }]) => name === "" || have[name]?.version === version || (optional && !have[name]),
  );
}

function installPackages() {
  // A linked folder belongs to another check-out, which keeps it.
  const linked = existsSync(path("node_modules")) && lstatSync(path("node_modules")).isSymbolicLink();
  if (linked || packagesAreThere()) return;
  console.log("Installing packages …");
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: "inherit" });
  if (done.status !== 0) fail("The packages could not be installed: see npm's lines above.");
}

/** Runs a program to its end and ends with its status. It stops by itself on Ctrl-C, which reaches it from the terminal. */
function become(program, args) {
  const environment = { ...process.env, PATH: `${path("node_modules", ".bin")}:${process.env.PATH}` };
  const child = spawn(program, args, { cwd: root, stdio: "inherit", env: environment });
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  // npm passes no signal on when it is killed itself.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 500).unref();
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

const node = path("node_modules", ".bin", "node");
const script = (name) => [path(name), ...rest];

checkNode();
switch (command) {
  case "start":
    checkGo();
    installPackages();
    become(node, script("media-nodes/supervisor/main.ts"));
    break;
  case "status":
    installPackages();
    become(node, script("media-nodes/supervisor/status.ts"));
    break;
  case "station":
    installPackages();
    become(node, script("station/main.ts"));
    break;
  case "firmware":
    installPackages();
    become(node, script("firmware-cdn/main.ts"));
    break;
  case "conformance":
    installPackages();
    become(node, script("tests/conformance/main.ts"));
    break;
  case "docs":
    installPackages();
    become(node, script("docs/main.ts"));
    break;
  case "pki":
    installPackages();
    become(node, script("media-nodes/pki/main.ts"));
    break;
  case "test":
    checkGo();
    installPackages();
    become(node, script("tests/setup/main.ts"));
    break;
  default:
    fail(`"${command}" is none of start, status, station, firmware, conformance, docs, pki, test.`);
}
