/** Starting and stopping all parts. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { deviceAuthorityIn } from "../pki/device-authority.ts";
import { serverCertificateIn, trustedIn } from "../pki/folder.ts";
import { rootListIn } from "../pki/root-list.ts";
import { buildAll } from "./builds.ts";
import { makeDemoDevices } from "./demo.ts";
import { watchMails } from "./mails.ts";
import { makePart, type Part } from "./part.ts";
import { type PartSpec, partsOf } from "./parts.ts";
import { checkPorts } from "./ports.ts";
import { endProcesses, familyOf, listProcesses } from "./processes.ts";
import { readRecord, removeRecord, stillRunning, writeRecord } from "./run-record.ts";
import { type Secrets, secretsIn } from "./secrets.ts";
import { placesIn, readSettings, SettingError, type Settings } from "./settings.ts";
import { welcome } from "./welcome.ts";

/** Before the root's revocation list ends. Milliseconds. */
const warnBefore = 90 * 24 * 60 * 60_000;

export interface Platform {
  settings: Settings;
  secrets: Secrets;
  parts: Part[];
  say: (line: string) => void;
  close: () => void;
  kill: () => void;
}

/** A part that is stopped by its own `stop` in between keeps its order: what was started last is stopped first. */
const stagesOf = <T>(items: readonly T[], stage: (item: T) => number): T[][] =>
  [...new Set(items.map(stage))].sort().map((one) => items.filter((item) => stage(item) === one));

/** What a part sees of our own environment; everything else is given by name. */
function baseEnvironment(environment: NodeJS.ProcessEnv, trusted: string): Record<string, string> {
  const names = ["PATH", "HOME", "USER", "LANG", "TMPDIR", "LOG_LEVEL", "NODE_OPTIONS"];
  const given = names.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(given), NODE_EXTRA_CA_CERTS: trusted };
}

/** Ends what a killed start left behind. Throws where one is alive. */
async function endLeftovers(dataDir: string, say: (line: string) => void): Promise<void> {
  const record = readRecord(dataDir);
  if (!record) return;
  const { supervisor, members } = stillRunning(record);
  if (supervisor) {
    throw new SettingError(
      `It is running already (process ${supervisor.pid}, ${record.origin}). Stop that one, or set DATA_DIR and other ports for a second one.`,
    );
  }
  if (members.length > 0) {
    say(`Ending ${members.length} process${members.length === 1 ? "" : "es"} left over from a start that was killed.`);
    await endProcesses(members);
  }
  removeRecord(dataDir);
}

/**
 * Starts everything and resolves when every part is healthy. Rejects with one sentence (and, for a part that would not start,
 * its last lines) after stopping what had been started; also when `signal` aborts.
 */
export async function start(
  root: string,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Platform> {
  const began = Date.now();
  const settings = await readSettings(environment);
  const { dataDir } = settings;
  mkdirSync(join(dataDir, "logs"), { recursive: true });
  await endLeftovers(dataDir, say);
  const secrets = secretsIn(dataDir, environment);
  const specs = partsOf(settings, secrets);
  await checkPorts(specs.flatMap((spec) => spec.ports));
  const pki = join(dataDir, "pki");
  await serverCertificateIn(pki, settings.certificateNames);
  await deviceAuthorityIn(pki, `${settings.listsUrl}/root.crl`);
  const listEnds = await rootListIn(pki);
  if (listEnds.getTime() < Date.now() + warnBefore)
    say(
      `The root's revocation list ends on ${listEnds.toDateString()}: put its key back in ${pki}/offline, and start again.`,
    );
  await makeDemoDevices(pki);
  const base = baseEnvironment(environment, await trustedIn(pki, environment.NODE_EXTRA_CA_CERTS));
  await buildAll(root, settings, say, signal);

  const parts = specs.map(makeOne);
  const self = listProcesses().find(({ pid }) => pid === process.pid);
  const record = () => {
    if (!self) return;
    const running = listProcesses();
    writeRecord(dataDir, {
      supervisor: self,
      startedAt: began,
      origin: settings.publicOrigin,
      parts: parts.map((part) => {
        const pid = part.pid();
        const members = pid === undefined ? [] : familyOf(pid, running);
        const { name, address } = part.spec;
        return { name, address, log: part.log, pid: pid ?? 0, restarts: part.restarts(), members };
      }),
    });
  };
  // A part may start a process of its own at any time: the record is renewed, too, without an occasion.
  const renew = setInterval(record, 10_000);
  // Where mails are sent, their links are for those who get them.
  const mails = settings.SMTP_URL ? undefined : watchMails(join(dataDir, "mail"), say);
  const close = () => {
    clearInterval(renew);
    mails?.close();
  };
  const kill = () => {
    for (const part of parts) part.kill();
  };
  const platform = { settings, secrets, parts, say, close, kill };
  signal.addEventListener("abort", () => void Promise.all(parts.map((part) => part.stop())));

  try {
    for (const stage of stagesOf(parts, (part) => part.spec.stage))
      await Promise.all(stage.map((part) => part.start()));
  } catch (error) {
    await end(platform, () => undefined);
    throw error;
  }
  record();
  say(welcome(settings, secrets, Date.now() - began, placesIn(environment)));
  return platform;

  function makeOne(spec: PartSpec): Part {
    const log = join(dataDir, "logs", `${spec.name}.log`);
    return makePart({ spec, root, log, baseEnvironment: base, say, changed: () => record() });
  }
}

/** Stops the parts, those first that were started last. */
export async function end(platform: Platform, say: (line: string) => void = platform.say): Promise<void> {
  say("Stopping …");
  platform.close();
  for (const stage of stagesOf(platform.parts, (part) => part.spec.stage).reverse()) {
    await Promise.all(stage.map((part) => part.stop()));
  }
  const { dataDir } = platform.settings;
  const record = readRecord(dataDir);
  if (record) await endProcesses(stillRunning(record).members, 1_000);
  removeRecord(dataDir);
  say("Stopped.");
}
