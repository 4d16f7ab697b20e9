/** The programs from outside that tests and benches play against, and how to get them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export interface Need {
  program: string;
  debian: string[];
  homebrew: string;
}

/** The tests play against it too; benches measure beside both. */
export const mosquitto: Need = { program: "mosquitto", debian: ["mosquitto"], homebrew: "mosquitto" };
export const nginx: Need = { program: "nginx", debian: ["nginx-light"], homebrew: "nginx" };

const ofTests: Need[] = [
  { program: process.env.CHROMIUM_PATH ?? "chromium", debian: ["chromium"], homebrew: "chromium" },
  { program: "baresip", debian: ["baresip-core", "baresip-ffmpeg"], homebrew: "baresip" },
  { program: "sipp", debian: ["sip-tester"], homebrew: "sipp" },
  { program: "openssl", debian: ["openssl"], homebrew: "openssl" },
  { program: "curl", debian: ["curl"], homebrew: "curl" },
  { program: "python3", debian: ["python3", "python3-venv"], homebrew: "python" },
  mosquitto,
  { program: "mosquitto_pub", debian: ["mosquitto-clients"], homebrew: "mosquitto" },
  { program: "chronyd", debian: ["chrony"], homebrew: "chrony" },
  { program: "ffmpeg", debian: ["ffmpeg"], homebrew: "ffmpeg" },
];

const present = (program: string): boolean =>
  program.startsWith("/") ? existsSync(program) : spawnSync("sh", ["-c", 'command -v "$0"', program]).status === 0;

function apt(...args: string[]): boolean {
  const command = process.getuid?.() === 0 ? ["apt-get"] : ["sudo", "-n", "apt-get"];
  const [program = "", ...before] = command;
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return (
    spawnSync(program, [...before, ...args], { stdio: ["ignore", "ignore", "inherit"], env: environment }).status === 0
  );
}

/** What the tests need. */
export const ensureSystemPrograms = (say: (line: string) => void): void =>
  ensurePrograms(ofTests, "The tests need", say);

/**
 * Installs what is missing where that is possible. Throws a sentence that names what could not be had.
 * @param whose how that sentence begins
 */
export function ensurePrograms(needs: readonly Need[], whose: string, say: (line: string) => void): void {
  // Where Debian keeps servers, and a user's shell does not look.
  process.env.PATH = `${process.env.PATH}:/usr/sbin`;
  const missing = () => needs.filter(({ program }) => !present(program));
  const wanted = missing();
  if (wanted.length === 0) return;
  const names = wanted.map(({ program }) => program).join(", ");
  if (process.platform === "darwin") {
    throw new Error(`${whose} ${names}: brew install ${wanted.map(({ homebrew }) => homebrew).join(" ")}`);
  }
  const packages = wanted.flatMap(({ debian }) => debian);
  if (present("apt-get")) {
    say(`Installing ${packages.join(", ")} …`);
    apt("update", "-q");
    apt("install", "-y", "-q", "--no-install-recommends", ...packages);
  }
  const left = missing();
  if (left.length === 0) return;
  throw new Error(
    `${whose} ${left.map(({ program }) => program).join(", ")}, which could not be installed: apt-get install ${left.flatMap(({ debian }) => debian).join(" ")}`,
  );
}
