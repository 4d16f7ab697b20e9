/** `npm run conformance -- cloud | device | help` */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rootIn } from "./cloud/firmware.ts";
import { judgeDevice } from "./cloud/judge-device.ts";
import { factoryName } from "./cloud/played.ts";
import { judgeCloud } from "./device/judge-cloud.ts";
import { asJson, fitsAll, type Judge, lineOf, newJudge, summary } from "./findings.ts";
import { addressFor, type Command, type Options, readCommandLine, UsageError, usage } from "./options.ts";

/** The first of the ports for sound and picture. */
const mediaPort = 58_000;

type Say = (line: string) => void;

const portsOf = (command: Options) => ({
  https: command["https-port"],
  mqtt: command["mqtt-port"],
  sip: command["sip-port"],
  logs: command["log-port"],
  ntp: command["ntp-port"],
});
/** What a person may take. Milliseconds. */
const person = 5 * 60_000;

async function playCloud(command: Options, judge: Judge, say: Say): Promise<void> {
  const { host, maker, image, model, revision, release } = command;
  const folder = resolve(command.folder ?? join(".data", "conformance"));
  const address = addressFor(host);
  const ports = portsOf(command);
  say(`The cloud is at ${host}: HTTPS ${ports.https}, MQTT ${ports.mqtt}, SIP ${ports.sip}, logs ${ports.logs} (all TLS), NTP ${ports.ntp}.
Trust anchor         ${join(folder, "pki", "server-ca.pem")}
Factory certificate  ${maker ? "its own" : `${join(folder, "pki", "factory", factoryName)}.pem and .key`}${image ? `\nRoot for firmware    ${rootIn(folder)}` : ""}
`);
  await judgeDevice({
    folder,
    addresses: { host, address, bind: address === "127.0.0.1" ? address : "0.0.0.0", ...ports, media: mediaPort },
    ...(maker ? { maker: readFileSync(maker, "utf8") } : {}),
    ...(image ? { firmware: { image, model, revision, release } } : {}),
    ask: (_what, sentence) => say(`→ ${sentence}`),
    onListening: (at) => say(`  The cloud itself answers at ${at} from now on.`),
    judge,
    patience: { device: command.patience * 1000, person },
  });
}

const playDevice = (command: Options, judge: Judge, say: Say): Promise<void> =>
  judgeCloud({
    folder: resolve(command.folder ?? ".data"),
    addresses: { host: command.host, ...portsOf(command) },
    model: command.model,
    ask: (_what, sentence) => say(`→ ${sentence}`),
    judge,
    patience: { cloud: command.patience * 1000, person },
  });

async function run(command: Exclude<Command, { play: "help" }>): Promise<number> {
  const { play, json } = command;
  /** Beside the findings, that a program reads. */
  const say: Say = json ? console.error : console.log;
  const judge = newJudge((finding) => say(lineOf(finding)));
  await (play === "cloud" ? playCloud : playDevice)(command, judge, say);
  if (json) console.log(asJson(judge.findings));
  else say(summary(judge.findings));
  return fitsAll(judge.findings) ? 0 : 1;
}

function explain(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    return `A port is taken (${error.message}). Is something running there already? --help names the options.`;
  if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED")
    return "No cloud answers there. Is it running (npm start)? --help names the options.";
  if (error instanceof Error && "code" in error && error.code === "ENOENT")
    return `${error.message}. A platform that was started once has it in its data folder: --folder names another.`;
  if (error instanceof Error && "code" in error && /CERT|SIGNATURE/.test(String(error.code)))
    return `Who answers there is not the cloud that pki/server-ca.pem vouches for (${error.message}): every device would leave. --folder names another.`;
  return error instanceof Error ? error.message : "It failed.";
}

try {
  const command = readCommandLine(process.argv.slice(2), process.env);
  if (command.play === "help") console.log(usage);
  else process.exitCode = await run(command);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : explain(error));
  process.exitCode = 2;
}
process.exit();
