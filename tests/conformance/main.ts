/** `npm run conformance -- cloud | help` */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { judgeDevice } from "./cloud/judge-device.ts";
import { factoryName } from "./cloud/played.ts";
import { asJson, fitsAll, lineOf, newJudge, summary } from "./findings.ts";
import { addressFor, type Command, readCommandLine, UsageError, usage } from "./options.ts";

/** The first of the ports for sound and picture. */
const mediaPort = 58_000;

async function run(command: Exclude<Command, { play: "help" }>): Promise<number> {
  const { host, json } = command;
  /** Beside the findings, that a program reads. */
  const say = json ? console.error : console.log;
  const judge = newJudge((finding) => say(lineOf(finding)));
  const folder = resolve(command.folder ?? join(".data", "conformance"));
  const address = addressFor(host);
  const ports = { https: command["https-port"], mqtt: command["mqtt-port"], sip: command["sip-port"] };
  say(`The cloud is at ${host}: HTTPS ${ports.https}, MQTT ${ports.mqtt}, SIP ${ports.sip} (all TLS).
Trust anchor         ${join(folder, "pki", "server-ca.pem")}
Factory certificate  ${command.maker ? "its own" : `${join(folder, "pki", "factory", factoryName)}.pem and .key`}
`);
  await judgeDevice({
    folder,
    addresses: { host, address, bind: address === "127.0.0.1" ? address : "0.0.0.0", ...ports, media: mediaPort },
    ...(command.maker ? { maker: readFileSync(command.maker, "utf8") } : {}),
    ask: (_what, sentence) => say(`→ ${sentence}`),
    judge,
    patience: { device: command.patience * 1000, person: 5 * 60_000 },
  });
  if (json) console.log(asJson(judge.findings));
  else say(summary(judge.findings));
  return fitsAll(judge.findings) ? 0 : 1;
}

function explain(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    return `A port is taken (${error.message}). Is something running there already? --help names the options.`;
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
