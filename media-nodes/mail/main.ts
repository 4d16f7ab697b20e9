/** Runs the mail part: every mail is kept in `mail` in the data folder; with SMTP_URL it is sent as well. */
import { join } from "node:path";
import pino from "pino";
import { z } from "zod";
import { startSending } from "./sending.ts";
import { makeMailServer } from "./server.ts";
import { makeSender } from "./smtp.ts";
import { openMailStore } from "./store.ts";

const log = pino({ base: { part: "mail" } });
const settings = z
  .object({
    DATA_DIR: z.string(),
    MAIL_PORT: z.coerce.number().int().min(1).max(65_535),
    MAIL_FROM: z.string(),
    SMTP_URL: z.string().optional(),
  })
  .parse(process.env);

const store = openMailStore(join(settings.DATA_DIR, "mail"));
// Neither receiver nor link: a link is as good as a password.
const sending = (url: string) =>
  startSending({
    store,
    send: makeSender(url, settings.MAIL_FROM),
    failed: ({ id }, error) => log.warn({ id, err: error }, "mail was not taken, and is sent again"),
    givenUp: ({ id }, error) => log.error({ id, err: error }, "mail given up"),
  });
const server = makeMailServer({
  store,
  ...(settings.SMTP_URL ? { send: sending(settings.SMTP_URL) } : {}),
  arrived: ({ id }) => log.info({ id }, "mail arrived"),
});
server.listen(settings.MAIL_PORT, "127.0.0.1", () => log.info({ port: settings.MAIL_PORT }, "ready"));
server.on("error", (error) => {
  log.fatal({ err: error }, "can't listen");
  process.exit(1);
});

const end = () => process.exit(0);
process.on("SIGTERM", end).on("SIGINT", end);
