/** The command line of the kit. A wrong word ends in a sentence, not in a stack trace. */
import { networkInterfaces } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { hardwareRevision } from "#core/device/revision.ts";
import { releaseNumber } from "#core/firmware/release.ts";

export const usage = `Plays one side of the device protocol (docs/device.md) and says in sentences what of the other fits and what doesn't.

  npm run conformance -- cloud     plays the cloud for a device
  npm run conformance -- device    plays a new device for a running cloud (npm start)

cloud: the device needs this cloud's addresses, its trust anchor and, where it has no factory certificate of its own, one
that lies in the folder. What a person has to do at the device is said when it is time.

  --host <name>          the name or IPv4 address by which the device reaches this machine (localhost)
  --maker <file>         PEM: the authority of the device's factory certificate
  --folder <folder>      where its authorities are kept (.data/conformance)
  --image <file>         a release of its firmware that it is to install; it has to run. Not tried without it
  --release <n>          the release's number, higher than what runs (2)
  --model <name>, --revision <AA>   the hardware that it is for (WS 301V CM, AD)

device: it comes from a maker that the cloud knows. Somebody claims it in the portal by the code that is shown, and asks
for its log on its page there.

  --host <name>          where the cloud is (localhost)
  --model <name>         as which model it comes, one that the maker vouches for (WS 301V CM)
  --folder <folder>      with pki/server-ca.pem, whom to trust, and the maker's pki/maker-ca.pem and .key (.data)

both:

  --https-port, --mqtt-port, --sip-port, --log-port, --ntp-port <n>   (8443, 8883, 5061, 8088, 10123)
  --patience <seconds>   that the other side may take for each step (cloud 60, device 10)
  --json                 the findings as JSON, on standard output

It ends with 0 where everything fits, with 1 where something is wrong, and with 2 where it could not be run.`;

const port = z.coerce.number().int().min(1).max(65_535);
const schema = z.object({
  host: z.string().regex(/^[A-Za-z0-9.-]+$/, "is a host name or an IPv4 address"),
  maker: z.string().optional(),
  model: z.string(),
  image: z.string().optional(),
  release: z.coerce.number().pipe(releaseNumber),
  revision: hardwareRevision,
  patience: z.coerce.number().min(1).max(3600),
  "https-port": port,
  "mqtt-port": port,
  "sip-port": port,
  "log-port": port,
  "ntp-port": port,
  folder: z.string().optional(),
  json: z.boolean(),
});
export type Options = z.infer<typeof schema>;
export type Command = { play: "help" } | ({ play: "cloud" | "device" } & Options);

/** Thrown with the whole sentence for the person at the terminal. */
export class UsageError extends Error {}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ host: text, maker: text, model: text, image: text, release: text, revision: text, patience: text, folder: text },
  ...{ "https-port": text, "mqtt-port": text, "sip-port": text, "log-port": text, "ntp-port": text },
  ...{ json: flag, help: flag },
};

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The arguments can't be read.");
  }
}

/** Throws {@link UsageError}. */
export function readCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const { values, positionals } = parsed(args);
  const [word = "help", ...more] = positionals;
  if (values.help || word === "help") return { play: "help" };
  if ((word !== "cloud" && word !== "device") || more.length > 0)
    throw new UsageError(`"${positionals.join(" ")}" can't be played: cloud or device.`);
  const read = schema.safeParse({
    host: environment.PUBLIC_HOST || "localhost",
    model: "WS 301V CM",
    release: "2",
    revision: "AD",
    patience: word === "cloud" ? "60" : "10",
    "https-port": environment.DEVICE_HTTPS_PORT || "8443",
    "mqtt-port": environment.MQTT_PORT || "8883",
    "sip-port": environment.SIP_PORT || "5061",
    "log-port": environment.LOG_PORT || "8088",
    "ntp-port": environment.NTP_PORT || "10123",
    json: false,
    ...values,
  });
  if (read.success) return { play: word, ...read.data };
  const [issue] = read.error.issues;
  throw new UsageError(`--${String(issue?.path[0])}: ${issue?.message ?? "wrong value"}.`);
}

/** The IPv4 address by which others reach us, for SDP: the host where that is one. */
export function addressFor(host: string): string {
  if (/^[\d.]+$/.test(host)) return host;
  if (host === "localhost") return "127.0.0.1";
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  return outside?.address ?? "127.0.0.1";
}
