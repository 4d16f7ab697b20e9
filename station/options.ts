/** The command line of the station. A wrong word ends in a sentence, not in a stack trace. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { pictureCodes } from "./picture-code.ts";

export const usage = `The reference door station: presses a bell, shows a test picture, sounds a tone, opens its door.

  npm run station -- press     press the button and stay until the call is over
  npm run station -- listen    stay registered, answer when called; Enter presses the button
  npm run station -- new       unpack a new one: shows its claim code, waits to be claimed, then listens
  npm run station -- enrol     fetch the station's certificate, and end
  npm run station -- reset     put it back to how it left the factory: it stays its owner's, and is one again at its next start

  --device <id>          which door station (the demo's main entrance), or the serial number of one that is new
  --model <name>         what a new one is (WS 301V CM)
  --button <name>        which button to press (its first)
  --host <name>          the cloud (PUBLIC_HOST, or localhost)
  --port <number>        its SIP port (SIP_PORT, or 5061)
  --cloud-port <number>  its HTTPS port for devices (DEVICE_HTTPS_PORT, or 8443)
  --mqtt-port <number>   its MQTT port (MQTT_PORT, or 8883)
  --log-port <number>    its port for the lines of logs (LOG_PORT, or 8088)
  --ntp-port <number>    its time server's port (NTP_PORT, or 10123)
  --tone <Hz>            what the microphone hears (600; 0 for silence)
  --picture-code <n>     a number below 65536 that can be read from the picture (drawn at random)
  --no-video             sound only
  --hang-up-after <ms>   hang up so long after the answer
  --cancel-after <ms>    give up so long after the press
  --answer-after <ms>    how long it rings before it answers a call (0)
  --virtual              run by a media node: cameras are pulled at public addresses alone
  --stay                 press, and stay registered afterwards
  --media-ports <a-b>    UDP ports for sound and picture (any from 54000 to 57999)
  --report <file>        append what happens to this file, a JSON object a line
  --json                 JSON lines instead of sentences

In listen, new and with --stay, lines on standard input are carried out: press, hang-up, reset, tamper and
tamper-end (as its housing's contact tells), quit. An empty line presses. At a station that nobody has claimed yet, a press
tells the cloud that somebody is there.`;

/** The demo organisation's main entrance (db/seed/demo.ts). */
const demoDevice = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001";

const milliseconds = z.coerce.number().int().min(0).max(86_400_000);

const schema = z.object({
  device: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "is a device id or a serial number"),
  model: z.string().min(1).max(64),
  button: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{1,64}$/, "is letters, digits, dots, dashes and underscores")
    .optional(),
  host: z.string().regex(/^[A-Za-z0-9.:-]+$/, "is a host name or an address"),
  port: z.coerce.number().int().min(1).max(65_535),
  "cloud-port": z.coerce.number().int().min(1).max(65_535),
  "mqtt-port": z.coerce.number().int().min(1).max(65_535),
  "log-port": z.coerce.number().int().min(1).max(65_535),
  "ntp-port": z.coerce.number().int().min(1).max(65_535),
  tone: z.coerce.number().min(0).max(20_000),
  "picture-code": z.coerce
    .number()
    .int()
    .min(0)
    .max(pictureCodes - 1),
  "no-video": z.boolean(),
  "hang-up-after": milliseconds.optional(),
  "cancel-after": milliseconds.optional(),
  "answer-after": milliseconds,
  virtual: z.boolean(),
  stay: z.boolean(),
  "media-ports": z.string(),
  report: z.string().optional(),
  json: z.boolean(),
});

const modes = ["press", "listen", "new", "enrol", "reset"] as const;
export type StationCommand = z.infer<typeof schema> & { mode: (typeof modes)[number]; dataFolder: string };

/** Thrown with the whole sentence for the person at the terminal. */
export class UsageError extends Error {}

/** Reads the arguments; "help" where help is wanted. Throws {@link UsageError}. */
export function readCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): StationCommand | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        device: text,
        model: text,
        button: text,
        host: text,
        port: text,
        "cloud-port": text,
        "mqtt-port": text,
        "log-port": text,
        "ntp-port": text,
        tone: text,
        "picture-code": text,
        "no-video": flag,
        "hang-up-after": text,
        "cancel-after": text,
        "answer-after": text,
        virtual: flag,
        stay: flag,
        "media-ports": text,
        report: text,
        json: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The arguments can't be read.");
  }
  const [word, ...more] = parsed.positionals;
  if (parsed.values.help || word === undefined || word === "help") return "help";
  const mode = modes.find((one) => one === word);
  if (mode === undefined || more.length > 0)
    throw new UsageError(`"${[word, ...more].join(" ")}" is not something the station does: ${modes.join(", ")}.`);
  const result = schema.safeParse({
    device:
      mode === "new"
        ? `RS-${randomInt(36 ** 6)
            .toString(36)
            .toUpperCase()
            .padStart(6, "0")}`
        : demoDevice,
    model: "WS 301V CM",
    host: environment.PUBLIC_HOST || "localhost",
    port: environment.SIP_PORT || "5061",
    "cloud-port": environment.DEVICE_HTTPS_PORT || "8443",
    "mqtt-port": environment.MQTT_PORT || "8883",
    "log-port": environment.LOG_PORT || "8088",
    "ntp-port": environment.NTP_PORT || "10123",
    tone: "600",
    "picture-code": String(randomInt(pictureCodes)),
    "no-video": false,
    "answer-after": "0",
    virtual: false,
    stay: false,
    "media-ports": "54000-57999",
    json: false,
    ...parsed.values,
  });
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new UsageError(`--${String(issue?.path[0])}: ${issue?.message ?? "wrong value"}.`);
  }
  return { ...result.data, mode, dataFolder: environment.DATA_DIR || ".data" };
}
