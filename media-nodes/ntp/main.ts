/** Runs the time server of a media node. Its own clock is kept right by the system (chrony, systemd-timesyncd). */
import pino from "pino";
import { z } from "zod";
import { startNtp } from "./server.ts";

const log = pino({ base: { part: "ntp" } });
const settings = z
  .object({
    BIND_ADDRESS: z.string(),
    NTP_PORT: z.coerce.number().int().min(1).max(65_535),
    NTP_STRATUM: z.coerce.number().int().min(1).max(15).default(4),
  })
  .parse(process.env);

const clock = { stratum: settings.NTP_STRATUM, reference: Buffer.from([127, 0, 0, 1]), dispersion: 0.05 };
try {
  await startNtp({ host: settings.BIND_ADDRESS, port: settings.NTP_PORT, clock });
  log.info({ port: settings.NTP_PORT }, "ready");
} catch (error) {
  log.fatal({ err: error }, "can't listen");
  process.exit(1);
}

const end = () => process.exit(0);
process.on("SIGTERM", end).on("SIGINT", end);
