/** Runs the devices' front. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import pino from "pino";
import { z } from "zod";
import { deviceAuthorityIn } from "../pki/folder.ts";
import { newAdmission } from "../tls/admission.ts";
import { makeDeviceFront } from "./front.ts";
import { keepImages } from "./kept-images.ts";

const log = pino({ base: { part: "device-front" } });
const port = z.coerce.number().int().min(1).max(65_535);
const settings = z
  .object({
    DATA_DIR: z.string(),
    PUBLIC_HOST: z.string(),
    BIND_ADDRESS: z.string(),
    DEVICE_HTTPS_PORT: port,
    MINIFLARE_PORT: port,
    MEDIA_NODE_TOKEN: z.string(),
  })
  .parse(process.env);

const pki = join(settings.DATA_DIR, "pki");
const { root, issuing } = await deviceAuthorityIn(pki);
const host = isIP(settings.PUBLIC_HOST) === 6 ? `[${settings.PUBLIC_HOST}]` : settings.PUBLIC_HOST;
const admission = newAdmission({
  edgeUrl: `http://127.0.0.1:${settings.MINIFLARE_PORT}`,
  token: settings.MEDIA_NODE_TOKEN,
  log,
});
const server = makeDeviceFront({
  origin: new URL(`https://${host}:${settings.DEVICE_HTTPS_PORT}`).origin,
  edgePort: settings.MINIFLARE_PORT,
  token: settings.MEDIA_NODE_TOKEN,
  certificate: readFileSync(join(pki, "server.pem")),
  key: readFileSync(join(pki, "server.key")),
  deviceAuthority: [issuing.certificate, root],
  admission,
  images: keepImages({ folder: join(settings.DATA_DIR, "images"), edgePort: settings.MINIFLARE_PORT, log }),
  log,
});
server.listen(settings.DEVICE_HTTPS_PORT, settings.BIND_ADDRESS, () =>
  log.info({ port: settings.DEVICE_HTTPS_PORT }, "ready"),
);
server.on("error", (error) => {
  log.fatal({ err: error }, "can't listen");
  process.exit(1);
});

function end() {
  admission.close();
  server.close(() => process.exit(0));
  server.closeAllConnections();
}
process.on("SIGTERM", end).on("SIGINT", end);
